namespace OrtDpo.ChatTemplates.Values;

/// <summary>What filters such as <c>map</c> give: can be gone through once, has no length, and is true even when empty.</summary>
sealed class Generator(IEnumerable<object?> items)
{
    readonly Queue<object?> left = new(items);

    public IEnumerable<object?> Take()
    {
        while (left.TryDequeue(out var item))
        {
            yield return item;
        }
    }
}
