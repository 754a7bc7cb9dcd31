using OrtDpo.Core.Text;

namespace OrtDpo.Core.Data.Inspection;

/// <summary>What a data set is: for people to look at before anything is scored or trained.</summary>
public sealed record DataInspection
{
    /// <summary>What became of every row.</summary>
    public required Ledger Ledger { get; init; }

    /// <summary>Kept rows by file, in the order of the files.</summary>
    public required IReadOnlyList<SourceShare> Sources { get; init; }

    /// <summary>How long prompts and completions are.</summary>
    public required LengthHistogram Lengths { get; init; }

    /// <summary>The row whose tokens are shown.</summary>
    public required string ShownRow { get; init; }

    /// <summary>Its prompt, chosen and rejected, decoded from their tokens.</summary>
    public required IReadOnlyDictionary<string, string> ShownText { get; init; }

    /// <summary>Its tokens.</summary>
    public required IReadOnlyList<InspectedToken> Shown { get; init; }

    /// <summary>What a person should look at: prompts, then completions, then the data as a whole.</summary>
    public required IReadOnlyList<Warning> Warnings { get; init; }

    /// <summary>Inspects rows.</summary>
    /// <param name="rows">All rows, the dropped ones too.</param>
    /// <param name="prepared">What was made of them.</param>
    /// <param name="tokenizer">What made the tokens.</param>
    public static DataInspection Of(IReadOnlyList<InspectedRow> rows, PreparedPairs prepared, ModelTokenizer tokenizer)
    {
        var kept = prepared.Pairs;
        var (prompt, chosen, rejected) = kept[0].Tokens;
        var counts = kept.CountBy(pair => pair.Source).ToDictionary();
        return new DataInspection
        {
            Ledger = prepared.Ledger,
            Sources = [.. prepared.Ledger.Sources.Select(source => SourceShare.Of(source, counts.GetValueOrDefault(source.Name), kept.Count))],
            Lengths = LengthHistogram.Of(
                ("prompt", [.. kept.Select(pair => pair.Tokens.Prompt.Length)]),
                ("chosen", [.. kept.Select(pair => pair.Tokens.Chosen.Length)]),
                ("rejected", [.. kept.Select(pair => pair.Tokens.Rejected.Length)])),
            ShownRow = prepared.FirstText.Id,
            ShownText = new Dictionary<string, string>
            {
                ["prompt"] = Decode(prompt),
                ["chosen"] = Decode([.. prompt, .. chosen])[Decode(prompt).Length..],
                ["rejected"] = Decode([.. prompt, .. rejected])[Decode(prompt).Length..],
            },
            Shown = InspectedToken.Of(kept[0].Tokens, tokenizer.TokenText),
            Warnings = InspectionWarnings.Of(rows, tokenizer.BosId, tokenizer.EosId),
        };

        // A completion is decoded behind its prompt: some decoders drop a space at the beginning of a text.
        string Decode(int[] ids) => tokenizer.Decode(ids, skipSpecial: false);
    }
}

/// <summary>A file's part in the data.</summary>
/// <param name="Name">The name that its rows carry.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="Kept">Rows that are used.</param>
/// <param name="Share">Of all rows that are used.</param>
public sealed record SourceShare(string Name, int Rows, int Kept, double Share)
{
    internal static SourceShare Of(LedgerSource source, int kept, int all) => new(source.Name, source.Rows, kept, (double)kept / all);
}
