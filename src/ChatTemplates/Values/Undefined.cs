namespace OrtDpo.ChatTemplates.Values;

/// <summary>
/// What a name or attribute is that nobody gave: empty text, false, no items; anything else asked of it fails with the reason.
/// </summary>
/// <param name="Reason">Says what is missing, as a sentence without its full stop.</param>
sealed record Undefined(string Reason)
{
    public static Undefined Name(string name) => new($"'{name}' is undefined");

    public static Undefined Attribute(object? owner, object? name) => new(owner is null
        ? $"None has no '{PythonText.Of(name)}'"
        : $"a value of type {PythonType.Name(owner)} has no '{PythonText.Of(name)}'");
}
