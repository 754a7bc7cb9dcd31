using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// Chooses what the forward saves for the backward: results of matrix products and softmaxes, not what an elementwise pass makes of them
/// again. On a 100M-parameter Llama this halves the activations for about 3 % of the step.
/// </summary>
static class SavedValues
{
    // Cheap to repeat: one pass over memory, or none at all.
    static readonly HashSet<string> Cheap =
    [
        "Add", "Cast", "Gelu", "Identity", "LayerNormalization", "Mul", "Neg", "Reshape", CompositeOps.RmsNorm.Type, "Shape", "Sigmoid",
        "Squeeze", "Sub", "Unsqueeze",
    ];

    /// <summary>The values of <paramref name="forward"/> to save for <paramref name="results"/>.</summary>
    public static List<Value> Choose(GraphBuilder b, IReadOnlyList<Node> forward, IEnumerable<Value> results)
    {
        var sizes = b.Inputs.SelectMany(Symbols).ToHashSet(StringComparer.Ordinal);
        var made = forward.SelectMany(n => n.Outputs).OfType<Value>().ToHashSet();
        var saved = new List<Value>();
        var seen = new HashSet<Value>();
        var open = new Stack<Value>(results);
        while (open.TryPop(out var value))
        {
            if (!seen.Add(value) || b.Producer(value) is not { } node)
            {
                continue;
            }

            // Memory for a value is there before the graph runs: it must be of a size that the inputs tell.
            if (made.Contains(value) && !Cheap.Contains(node.Op.Type) && Symbols(value).All(sizes.Contains))
            {
                saved.Add(value);
                continue;
            }

            foreach (var input in node.Inputs.OfType<Value>())
            {
                open.Push(input);
            }
        }

        return saved;
    }

    static IEnumerable<string> Symbols(Value value) => value.Shape.SelectMany(dim => dim.Factors);
}
