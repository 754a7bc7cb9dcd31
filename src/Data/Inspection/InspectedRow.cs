namespace OrtDpo.Data.Inspection;

/// <summary>A row of the data with what became of it.</summary>
/// <param name="Text">Its texts.</param>
/// <param name="Encoded">Its tokens, or why there are none.</param>
/// <param name="Split">Training or held out.</param>
public sealed record InspectedRow(PairText Text, EncodedPair Encoded, Split Split)
{
    /// <summary>How often the row is used, by the weight of its source.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>How reports name the row.</summary>
    public string Id => Text.Id;

    /// <summary>The other completion of a pair.</summary>
    internal string Rejected => Text.Rejected!;

    /// <summary>The label of unpaired feedback.</summary>
    internal bool IsDesirable => Text.Desirable!.Value;

    /// <summary>The tokens of each completion of a row that is kept.</summary>
    internal IEnumerable<int[]> Completions =>
        Encoded.Tokens! is { IsPair: true } pair ? [pair.Chosen, pair.Rejected] : [Encoded.Tokens!.Chosen];
}
