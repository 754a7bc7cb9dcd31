using OrtDpo.Batches;

namespace OrtDpo.Data.Inspection;

/// <summary>A row of the data with what became of it; of ranked completions one of the row's pairs.</summary>
/// <param name="Text">Its texts.</param>
/// <param name="Encoded">Its tokens, or why there are none.</param>
/// <param name="Split">Training or held out.</param>
public sealed record InspectedRow(ExampleText Text, EncodedExample Encoded, Split Split)
{
    /// <summary>How often the row is used, by the weight of its source.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>Which two completions are compared; without meaning where the row has no pair.</summary>
    public CompletionPair Pair { get; init; } = new(0, 1);

    /// <summary>How reports name the row.</summary>
    public string Id => Text.Id;

    /// <summary>The only completion of a row that is no pair.</summary>
    internal string Completion => Text.Completions[0];

    /// <summary>The preferred completion of a pair.</summary>
    internal string Chosen => Text.Completions[Pair.Chosen];

    /// <summary>The other completion of a pair.</summary>
    internal string Rejected => Text.Completions[Pair.Rejected];

    /// <summary>The tokens of the only completion of a row that is kept.</summary>
    internal int[] CompletionTokens => Completions[0];

    /// <summary>The tokens of the preferred completion of a pair that is kept.</summary>
    internal int[] ChosenTokens => Completions[Pair.Chosen];

    /// <summary>The tokens of the other completion of a pair that is kept.</summary>
    internal int[] RejectedTokens => Completions[Pair.Rejected];

    /// <summary>The label of unpaired feedback.</summary>
    internal bool IsDesirable => ((Judgement.Label)Text.Known).IsDesirable;

    /// <summary>The tokens of each completion of a row that is kept.</summary>
    internal IReadOnlyList<int[]> Completions => Encoded.Tokens!.Completions;

    /// <summary>The row, or where it is kept and has several pairs, each of them.</summary>
    public static IEnumerable<InspectedRow> Of(ExampleText text, EncodedExample encoded, Split split, int copies)
    {
        var row = new InspectedRow(text, encoded, split) { Copies = copies };
        // Most rows are one pair, and need no copy.
        return encoded.Tokens?.Known is not Judgement.Preference known || ReferenceEquals(known, Judgement.Preference.FirstOfTwo)
            ? [row]
            : known.Pairs.Select(pair => row with { Pair = pair });
    }
}
