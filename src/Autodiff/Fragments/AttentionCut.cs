using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// A layer divided around its attention, whose scores grow with the square of the length and can then be made in chunks of queries.
/// </summary>
/// <param name="Before">
/// Up to attention: outputs <see cref="Query"/> <c>[B, S, heads, D]</c>, <see cref="Key"/> and <see cref="Value"/> <c>[B, S, groups,
/// D]</c>, so that the tokens of a row lie one after the other.
/// </param>
/// <param name="After">
/// From what was read: beside the layer's inputs it has <see cref="Read"/> <c>[B, S, heads, D]</c>; outputs as the layer's.
/// </param>
/// <param name="Mask">The name of the mask among the layer's inputs.</param>
/// <param name="Scale">What scores are multiplied by.</param>
/// <param name="SoftCap">The soft cap of scores; null: none.</param>
public sealed record AttentionCut(Fragment Before, Fragment After, string Mask, double Scale, double? SoftCap)
{
    public const string Query = "query", Key = "key", Value = "value", Read = "read";

    /// <summary>
    /// The cut of a layer with one <see cref="CompositeOps.Attention"/> over an input as mask; null for any other fragment.
    /// </summary>
    public static AttentionCut? Of(Fragment layer)
    {
        if (layer.Graph.Nodes.Where(n => n.Op == CompositeOps.Attention).ToList() is not [var attention]
            || !layer.Graph.Inputs.Contains(attention.Input(3)))
        {
            return null;
        }

        var before = Copy(layer.Graph, attention, read: null);
        var after = Copy(layer.Graph, attention, b => b.Input(Read, attention.Output.Type, ByToken(attention.Output.Shape)));
        double? cap = attention.Attributes.Real("soft_cap", 0) is > 0 and var c ? c : null;
        return new AttentionCut(
            Part(layer, before.Builder, [(Query, Across(0)), (Key, Across(1)), (Value, Across(2))]),
            Part(layer, after.Builder, [.. layer.Graph.Outputs.Select(o => (o.Name, after[o]))]),
            attention.Input(3).Name, attention.Attributes.Real("scale", 1), cap);

        Value Across(int input) => before.Builder.Transpose(before[attention.Input(input)], 0, 2, 1, 3);
    }

    /// <summary>Of the parameters that <paramref name="layer"/> has, one that is like the layer that was cut, those of a part.</summary>
    public static IReadOnlyDictionary<string, string> NamesOf(Fragment part, Fragment layer) =>
        part.ParameterNames.Keys.ToDictionary(name => name, name => layer.ParameterNames[name], StringComparer.Ordinal);

    // The nodes of a graph; instead of attention an input, or nothing of what comes after it.
    static GraphRewrite Copy(OnnxGraph graph, Node attention, Func<GraphBuilder, Value>? read)
    {
        var rewrite = new GraphRewrite(graph, $"{graph.Name}_{(read is null ? "before" : "after")}_attention");
        foreach (var node in graph.Nodes)
        {
            if (node != attention)
            {
                rewrite.Copy(node);
            }
            else if (read is null)
            {
                break;
            }
            else
            {
                rewrite[node.Output] = rewrite.Builder.Transpose(read(rewrite.Builder), 0, 2, 1, 3);
            }
        }

        return rewrite;
    }

    static Fragment Part(Fragment layer, GraphBuilder b, IEnumerable<(string, Value)> outputs)
    {
        var graph = b.Build(outputs, pruneInputs: true);
        return new Fragment(graph, graph.Inputs.Where(v => layer.ParameterNames.ContainsKey(v.Name))
            .ToDictionary(v => v.Name, v => layer.ParameterNames[v.Name], StringComparer.Ordinal));
    }

    static Shape ByToken(Shape heads) => new(heads[0], heads[2], heads[1], heads[3]);
}
