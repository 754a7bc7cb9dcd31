using OrtDpo.Batches;
using Parquet.Schema;

namespace OrtDpo.Data.Cache;

/// <summary>A Parquet file of tokens without a reference's log-probabilities: what a run without a reference trains on.</summary>
public static class TokenPart
{
    const string Advice = "Start the run again in another folder.";

    // Such rows belong to no reference, so their keys belong to no contract.
    static readonly string NoContract = new('0', 64);

    static readonly ParquetSchema Pairs = PartTable.Schema(PartTable.List<int>("chosen_ids"), PartTable.List<int>("rejected_ids"));
    static readonly ParquetSchema Completions = PartTable.Schema(PartTable.List<int>("completion_ids"));

    /// <summary>The row's identity.</summary>
    public static string KeyOf(Example tokens) => RowKey.Of(NoContract, tokens);

    /// <summary>Writes rows that are all pairs, or all single completions.</summary>
    public static void Write(Stream stream, IReadOnlyList<PreparedExample> rows)
    {
        var arePairs = rows[0].Tokens.Kind == RowKind.Pair;
        PartRow[] origins = [.. rows.Select(r => new PartRow(KeyOf(r.Tokens), r.Source, r.SourceRow, r.Split, r.Tokens.Prompt))];
        PartTable.Write(stream, arePairs ? Pairs : Completions, origins, async columns =>
        {
            await columns.WriteListsAsync(rows.Select(r => r.Tokens.Completions[0]));
            if (arePairs)
            {
                await columns.WriteListsAsync(rows.Select(r => r.Tokens.Completions[1]));
            }
        });
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or a row is not what its key says.</exception>
    public static IReadOnlyList<PreparedExample> Read(string path)
    {
        // Parquet has no checksum of its own, and this file none beside it.
        var read = ParquetFault.Own(path, () => PartTable.Read(path, Rows), Advice);
        var wrong = read.FindIndex(row => KeyOf(row.Example.Tokens) != row.RowKey);
        return wrong < 0
            ? [.. read.Select(row => row.Example)]
            : throw new InvalidDataException($"{path} row {wrong + 1}: its row_key is not that of its tokens. {Advice}");
    }

    static async Task<List<(string RowKey, PreparedExample Example)>> Rows(PartRow[] rows, PartColumnReader columns)
    {
        var completions = await columns.ReadListsAsync<int>();
        var rejected = columns.HasNext ? await columns.ReadListsAsync<int>() : null;
        return [.. rows.Select((row, i) => (row.RowKey, new PreparedExample(row.Source, row.SourceRow, row.Split, rejected is null
            ? Example.Unjudged(row.Prompt, completions[i])
            : Example.Pair(row.Prompt, completions[i], rejected[i]))))];
    }
}
