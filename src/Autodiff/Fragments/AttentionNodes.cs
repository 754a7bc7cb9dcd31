using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary><see cref="CompositeOps.Attention"/> in operators that have gradients.</summary>
public static class AttentionNodes
{
    /// <summary>The nodes in place of <paramref name="node"/>, over <paramref name="inputs"/> for its own.</summary>
    public static Value Spell(GraphBuilder b, Node node, IReadOnlyList<Value?> inputs)
    {
        using var scope = b.Scope(node.Name);
        double? cap = node.Attributes.Real("soft_cap", 0) is > 0 and var c ? c : null;
        return Spell(b, inputs[0]!, inputs[1]!, inputs[2]!, inputs[3]!, node.Attributes.Real("scale", 1), cap);
    }

    /// <inheritdoc cref="GraphBuilder.Attention"/>
    public static Value Spell(GraphBuilder b, Value queries, Value keys, Value values, Value mask, double scale, double? softCap)
    {
        var (batch, heads, groups, width, size) = (queries.Shape[0], queries.Shape[1], keys.Shape[1], queries.Shape[2], queries.Shape[3]);

        // The group is folded into the rows, so keys and values are never copied per query head,
        // and their gradients sum inside the product.
        var rows = width * heads.DividedBy(groups)!.Value;
        var scores = b.FusedMatMul(b.Reshape(queries, new Shape(batch, groups, rows, size)), keys, transB: true, alpha: scale);
        scores = softCap is { } cap ? b.SoftCap(scores, cap) : scores;
        var masked = b.Add(b.Reshape(scores, new Shape(batch, heads, width, keys.Shape[2])), mask);
        var weights = b.Reshape(b.Softmax(masked), new Shape(batch, groups, rows, keys.Shape[2]));
        return b.Reshape(b.MatMul(weights, values), new Shape(batch, heads, width, size));
    }
}
