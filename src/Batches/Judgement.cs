namespace OrtDpo.Batches;

/// <summary>What is known of an example's completions.</summary>
public abstract record Judgement
{
    Judgement()
    {
    }

    /// <summary>Nothing is known: the completion is one to learn, or only to score.</summary>
    public static Judgement Nothing { get; } = new Unknown();

    /// <summary>What a row is of which this is known.</summary>
    public abstract RowKind Kind { get; }

    /// <summary>The pairs that a loss compares; none where no completion is preferred to another.</summary>
    public virtual IReadOnlyList<CompletionPair> Pairs => [];

    /// <summary>Summands that the example gives a loss: its pairs, or 1.</summary>
    public virtual int Terms => 1;

    /// <summary>Some completions are preferred to others: two of a pair, or more by their ranks or scores.</summary>
    /// <param name="Pairs">At least one; the loss is a sum over them.</param>
    public sealed record Preference(IReadOnlyList<CompletionPair> Pairs) : Judgement
    {
        /// <summary>Of two completions the first is preferred.</summary>
        public static Preference FirstOfTwo { get; } = new([new CompletionPair(0, 1)]);

        public override RowKind Kind => RowKind.Pair;

        public override IReadOnlyList<CompletionPair> Pairs { get; } = Pairs;

        public override int Terms => Pairs.Count;
    }

    /// <summary>The completion has a label.</summary>
    /// <param name="IsDesirable">The label.</param>
    public sealed record Label(bool IsDesirable) : Judgement
    {
        public override RowKind Kind => RowKind.Unpaired;
    }

    sealed record Unknown : Judgement
    {
        public override RowKind Kind => RowKind.Supervised;
    }
}

/// <summary>Two completions of an example, of which one is preferred to the other.</summary>
/// <param name="Chosen">The preferred one's place among the completions.</param>
/// <param name="Rejected">The other one's place.</param>
public readonly record struct CompletionPair(int Chosen, int Rejected);
