namespace OrtDpo.DemoModel.Topics;

/// <summary>Items of one kind, written from one table of facts.</summary>
/// <param name="Name">Unique, lower case.</param>
/// <param name="Items">The items, in the order of the table.</param>
/// <param name="Unacceptable">Whether the right answer is to decline.</param>
public sealed record Topic(string Name, Item[] Items, bool Unacceptable = false)
{
    public static Topic Of<T>(string name, T[] facts, Func<T, Item> write) => new(name, [.. facts.Select(write)]);
}
