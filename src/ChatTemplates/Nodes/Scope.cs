using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Nodes;

/// <summary>
/// The names that a part of a template sees: its own first, then those around it. Loops, macros and block sets open one; conditions do not.
/// </summary>
sealed class Scope
{
    // Far below what the stack holds, and far above what a template means.
    const int MaxDepth = 200;

    readonly Scope? outer;
    readonly Dictionary<string, object?> names = [];
    readonly int depth;

    /// <summary>The outermost scope.</summary>
    public Scope()
    {
    }

    Scope(Scope outer, int depth)
    {
        this.outer = outer;
        this.depth = depth;
    }

    public object? this[string name]
    {
        get
        {
            for (var scope = this; scope is not null; scope = scope.outer)
            {
                if (scope.names.TryGetValue(name, out var value))
                {
                    return value;
                }
            }

            return Undefined.Name(name);
        }
        set => names[name] = value;
    }

    public Scope Open() => new(this, depth);

    /// <summary>The scope of a macro's body, which stands in this one and is called from <paramref name="caller"/>.</summary>
    public Scope OpenCall(Scope caller, Place place) => caller.depth < MaxDepth
        ? new Scope(this, caller.depth + 1)
        : throw place.Wrong($"macros call each other {MaxDepth} deep. A macro must not call itself without end.");
}
