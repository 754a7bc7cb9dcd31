namespace OrtDpo.ChatTemplates.Values;

/// <summary>What <c>range</c> gives.</summary>
sealed record RangeValue(long Start, long Stop, long Step)
{
    public int Count => (int)Math.Max(0, Step > 0 ? (Stop - Start + Step - 1) / Step : (Start - Stop - Step - 1) / -Step);

    public object? this[int index] => Start + (index * Step);

    public IEnumerable<object?> Items => Enumerable.Range(0, Count).Select(i => this[i]);
}
