using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// A layer whose attention reads the keys and values of earlier tokens, too, and which gives those of all of them: what generating runs, so
/// that a token costs as much as one token.
/// </summary>
/// <param name="Layer">
/// The layer over S tokens; beside its own inputs it has <see cref="PastKeys"/> and <see cref="PastValues"/> <c>[B, groups, P, D]</c>, and
/// beside its own outputs <see cref="Keys"/> and <see cref="Values"/> <c>[B, groups, P + S, D]</c>.
/// </param>
/// <param name="Mask">The name of the mask among its inputs, which is <c>[B, 1, S, P + S]</c>.</param>
/// <param name="Heads">Heads of queries.</param>
/// <param name="Groups">Heads of keys and values.</param>
/// <param name="Size">Features of a head: D.</param>
public sealed record CachedLayer(Fragment Layer, string Mask, long Heads, long Groups, long Size)
{
    public const string PastKeys = "past_keys", PastValues = "past_values", Keys = "all_keys", Values = "all_values";

    /// <summary>
    /// The form of a layer with one <see cref="CompositeOps.Attention"/> over an input as mask; null for any other fragment.
    /// </summary>
    public static CachedLayer? Of(Fragment layer)
    {
        if (layer.Graph.Nodes.Where(n => n.Op == CompositeOps.Attention).ToList() is not [var attention]
            || !layer.Graph.Inputs.Contains(attention.Input(3)))
        {
            return null;
        }

        var mask = attention.Input(3);
        var rewrite = new GraphRewrite(
            layer.Graph, $"{layer.Graph.Name}_cached",
            (b, v) => b.Input(v.Name, v.Type, v == mask ? v.Shape.With(3, CachePorts.Total) : v.Shape));
        var b = rewrite.Builder;
        var made = new List<(string, Value)>();
        foreach (var node in layer.Graph.Nodes)
        {
            if (node != attention)
            {
                rewrite.Copy(node);
                continue;
            }

            var keys = All(PastKeys, rewrite[node.Input(1)]);
            var values = All(PastValues, rewrite[node.Input(2)]);
            made.AddRange([(Keys, keys), (Values, values)]);
            rewrite.Replace(node, b.AddCopy(node, [rewrite[node.Input(0)], keys, values, rewrite[mask]]).Outputs);
        }

        var graph = b.Build([.. layer.Graph.Outputs.Select(o => (o.Name, rewrite[o])), .. made]);
        var (queries, heads) = (attention.Input(0).Shape, attention.Input(1).Shape);
        return new CachedLayer(
            layer with { Graph = graph }, mask.Name, queries[1].Value!.Value, heads[1].Value!.Value, heads[3].Value!.Value);

        Value All(string past, Value own) =>
            b.ConcatTo(CachePorts.Total, 2, b.Input(past, own.Type, own.Shape.With(2, CachePorts.Past)), own);
    }
}
