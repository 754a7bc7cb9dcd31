using OrtDpo.Batches;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Inspection;

/// <summary>What a data set is: for people to look at before anything is scored or trained.</summary>
public sealed record DataInspection
{
    /// <summary>What the rows are.</summary>
    public required RowKind Kind { get; init; }

    /// <summary>The digest of the chat template that wrote rows of messages; null where none was needed.</summary>
    public required string? ChatTemplate { get; init; }

    /// <summary>What became of every row.</summary>
    public required Ledger Ledger { get; init; }

    /// <summary>Kept rows by file, in the order of the files.</summary>
    public required IReadOnlyList<SourceShare> Sources { get; init; }

    /// <summary>How long prompts and completions are.</summary>
    public required LengthHistogram Lengths { get; init; }

    /// <summary>The row whose tokens are shown.</summary>
    public required string ShownRow { get; init; }

    /// <summary>Its label, of unpaired feedback: true = desirable.</summary>
    public required bool? ShownLabel { get; init; }

    /// <summary>Its prompt and its completions by name, decoded from their tokens.</summary>
    public required IReadOnlyDictionary<string, string> ShownText { get; init; }

    /// <summary>Its tokens.</summary>
    public required IReadOnlyList<InspectedToken> Shown { get; init; }

    /// <summary>What a person should look at: prompts, then completions, then the data as a whole.</summary>
    public required IReadOnlyList<Warning> Warnings { get; init; }

    /// <summary>Inspects rows.</summary>
    /// <param name="kind">What they are.</param>
    /// <param name="rows">All rows, the dropped ones too.</param>
    /// <param name="prepared">What was made of them.</param>
    /// <param name="chatTemplate">The digest of the template that wrote them; null where none was needed.</param>
    /// <param name="tokenizer">What made the tokens.</param>
    public static DataInspection Of(
        RowKind kind, IReadOnlyList<InspectedRow> rows, PreparedData prepared, string? chatTemplate, ModelTokenizer tokenizer)
    {
        var kept = prepared.Examples;
        var counts = kept.CountBy(pair => pair.Source).ToDictionary();
        return new DataInspection
        {
            Kind = kind,
            ChatTemplate = chatTemplate,
            Ledger = prepared.Ledger,
            Sources = [.. prepared.Ledger.Sources.Select(
                source => SourceShare.Of(source, counts.GetValueOrDefault(source.Name), kept.Count))],
            Lengths = LengthHistogram.Of([("prompt", LengthsOf(kept, row => row.Tokens.Prompt)), .. CompletionLengths(kind, kept)]),
            ShownRow = prepared.FirstText.Id,
            ShownLabel = (kept[0].Tokens.Known as Judgement.Label)?.IsDesirable,
            ShownText = Decoded(kept[0].Tokens, tokenizer),
            Shown = InspectedToken.Of(kept[0].Tokens, tokenizer.TokenText),
            Warnings = InspectionWarnings.Of(kind, rows, tokenizer.BosId, tokenizer.EosIds),
        };
    }

    static IEnumerable<(string, IReadOnlyList<int>)> CompletionLengths(RowKind kind, IReadOnlyList<PreparedExample> rows) => kind switch
    {
        RowKind.Pair =>
        [
            ("chosen", OfPairs(rows, (row, pair) => row.Completions[pair.Chosen].Length)),
            ("rejected", OfPairs(rows, (row, pair) => row.Completions[pair.Rejected].Length)),
        ],
        RowKind.Unpaired =>
        [
            ("desirable", LengthsOf(rows.Where(row => row.Tokens.Known is Judgement.Label { IsDesirable: true }), OnlyCompletion)),
            ("undesirable", LengthsOf(rows.Where(row => row.Tokens.Known is Judgement.Label { IsDesirable: false }), OnlyCompletion)),
        ],
        _ => [("completion", LengthsOf(rows, OnlyCompletion))],
    };

    static int[] OnlyCompletion(PreparedExample row) => row.Tokens.Completions[0];

    static List<int> OfPairs(IEnumerable<PreparedExample> rows, Func<Example, CompletionPair, int> length)
    {
        var lengths = new List<int>();
        foreach (var row in rows)
        {
            foreach (var pair in row.Tokens.Known.Pairs)
            {
                lengths.Add(length(row.Tokens, pair));
            }
        }

        return lengths;
    }

    static List<int> LengthsOf(IEnumerable<PreparedExample> rows, Func<PreparedExample, int[]> part) =>
        [.. rows.Select(row => part(row).Length)];

    // A completion is decoded behind its prompt: some decoders drop a space at the beginning of a text.
    static Dictionary<string, string> Decoded(Example tokens, ModelTokenizer tokenizer)
    {
        var prompt = tokenizer.Decode(tokens.Prompt, skipSpecial: false);
        return CompletionNames.Of(tokens).Zip(tokens.Completions).Select(completion => (completion.First, Behind(completion.Second)))
            .Prepend(("prompt", prompt))
            .ToDictionary();

        string Behind(int[] completion) => tokenizer.Decode([.. tokens.Prompt, .. completion], skipSpecial: false)[prompt.Length..];
    }
}

/// <summary>A file's part in the data.</summary>
/// <param name="Name">The name that its rows carry.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="Kept">Rows that are used, with the copies that a weight above 1 adds.</param>
/// <param name="Share">Of all rows that are used.</param>
public sealed record SourceShare(string Name, int Rows, int Kept, double Share)
{
    internal static SourceShare Of(LedgerSource source, int kept, int all) => new(source.Name, source.Rows, kept, (double)kept / all);
}
