using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

/// <summary>
/// Reverse-mode differentiation of a graph into a graph: mark what leads to the wanted values, walk the nodes backwards, apply each
/// operator's rule from <see cref="GradientRules"/>.
/// </summary>
public static class Backpropagation
{
    /// <summary>
    /// Appends the gradients of Σ ⟨output, gradOutput⟩ over <paramref name="seeds"/> with respect to <paramref name="wanted"/>.
    /// </summary>
    /// <param name="b">A builder that holds the forward nodes; the backward nodes are added to it.</param>
    /// <param name="seeds">Outputs with their incoming gradients, of the same shapes.</param>
    /// <param name="wanted">Values whose gradients are asked for.</param>
    /// <exception cref="NotSupportedException">A node on the way has no gradient rule, or its operator has no gradient.</exception>
    public static GradientSet Append(GraphBuilder b, IEnumerable<(Value Output, Value GradOutput)> seeds, IReadOnlyCollection<Value> wanted)
    {
        var forward = b.Nodes.ToList();
        var active = Active(forward, wanted);
        var keep = wanted.ToHashSet();
        var gradients = new GradientSet();
        foreach (var (output, gradOutput) in seeds)
        {
            if (!output.Shape.Equals(gradOutput.Shape))
            {
                throw new ArgumentException(
                    $"The gradient of '{output.Name}' has shape {gradOutput.Shape}; expected {output.Shape}.", nameof(seeds));
            }

            gradients.Add(output, gradOutput);
        }

        for (var i = forward.Count - 1; i >= 0; i--)
        {
            var node = forward[i];
            if (node.Outputs.Any(v => v is not null && active.Contains(v) && gradients.Has(v)))
            {
                Differentiate(b, node, active, keep, gradients);
            }
        }

        return gradients;
    }

    // The values that depend on a wanted one; only these get gradients.
    static HashSet<Value> Active(List<Node> forward, IReadOnlyCollection<Value> wanted)
    {
        var active = wanted.ToHashSet();
        foreach (var node in forward)
        {
            if (!GradientRules.IsZero(node.Op) && node.Inputs.Any(v => v is not null && v.Type.IsFloat() && active.Contains(v)))
            {
                active.UnionWith(node.Outputs.OfType<Value>().Where(v => v.Type.IsFloat()));
            }
        }

        return active;
    }

    static void Differentiate(GraphBuilder b, Node node, HashSet<Value> active, HashSet<Value> keep, GradientSet gradients)
    {
        var rule = GradientRules.Find(node);
        if (IsFlattening(node) && !keep.Contains(node.Output) && gradients.Dense(node.Output).Count == 0)
        {
            // Rows stay rows: nobody forms the whole gradient of hidden states to add a few positions to it.
            foreach (var rows in gradients.Rows(node.Output))
            {
                gradients.Add(node.Input(0), rows);
            }

            return;
        }

        var gradOutputs = new Value?[node.Outputs.Length];
        for (var i = 0; i < gradOutputs.Length; i++)
        {
            if (node.Outputs[i] is { } output && gradients.Has(output))
            {
                gradOutputs[i] = Gathered(b, gradients, output);
            }
        }

        using (b.Scope($"grad/{node.Name}", node.Op))
        {
            var context = new GradientContext(b, node, gradOutputs, active, gradients);
            rule(context);
            context.CheckCount();
        }

        static bool IsFlattening(Node node) =>
            node.Op == "Reshape" && node.Output.Shape.Rank == 2 && node.Output.Shape[-1] == node.Input(0).Shape[-1];

        Value? Gathered(GraphBuilder builder, GradientSet set, Value value)
        {
            var total = set.Total(builder, value);
            if (total is not null && !keep.Contains(value))
            {
                set.Replace(value, total);
            }

            return total;
        }
    }
}
