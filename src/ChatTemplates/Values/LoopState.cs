namespace OrtDpo.ChatTemplates.Values;

/// <summary>What <c>loop</c> is inside of a loop.</summary>
sealed class LoopState(IReadOnlyList<object?> items)
{
    object? lastChecked = new();

    /// <summary>From 0.</summary>
    public int Index { get; set; }

    /// <summary>The attribute <paramref name="name"/>; null where a loop has none of that name.</summary>
    public (object? Value, bool Found) Attribute(string name) => name switch
    {
        "index" => (Index + 1L, true),
        "index0" => ((long)Index, true),
        "revindex" => ((long)(items.Count - Index), true),
        "revindex0" => ((long)(items.Count - Index - 1), true),
        "first" => (Index == 0, true),
        "last" => (Index == items.Count - 1, true),
        "length" => ((long)items.Count, true),
        "depth" => (1L, true),
        "depth0" => (0L, true),
        "previtem" => (Index > 0 ? items[Index - 1] : new Undefined("the first round has no loop.previtem"), true),
        "nextitem" => (Index < items.Count - 1 ? items[Index + 1] : new Undefined("the last round has no loop.nextitem"), true),
        "cycle" => (new Callable("loop.cycle", Cycle), true),
        "changed" => (new Callable("loop.changed", a => Changed(a)), true),
        _ => (null, false),
    };

    object? Cycle(Arguments arguments) => arguments.Positional.Count > 0
        ? arguments.Positional[Index % arguments.Positional.Count]
        : throw arguments.Place.Wrong("loop.cycle needs at least one argument.");

    bool Changed(Arguments arguments)
    {
        object?[] given = [.. arguments.Positional];
        var changed = !PythonOrder.Equals(given, lastChecked);
        lastChecked = given;
        return changed;
    }
}
