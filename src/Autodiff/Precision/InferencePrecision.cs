using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using static OrtDpo.Autodiff.Precision.PrecisionRule;

namespace OrtDpo.Autodiff.Precision;

/// <summary>
/// A whole model's float32 graph with a cache as one that computes in 16 bits, as hosts with a GPU load it: weights, products, what lies
/// between them, and the cache of keys and values in the type; in float32 what adds up over layers or positions. Why: docs/decisions/0034.
/// </summary>
/// <remarks>
/// The table is that of <see cref="PrecisionPass"/>, with two differences, because nothing is saved here for a backward pass. Norms,
/// softmax and rotary positions are float32. And elementwise work whose result something reads in float32 is float32, so that no number is
/// rounded on its way there: the sums of the residual stream, scores on their way to softmax with their mask and soft cap.
/// </remarks>
public static class InferencePrecision
{
    static readonly Dictionary<Op, PrecisionRule> Own = new()
    {
        ["LayerNormalization"] = Float32,
        ["Softmax"] = Float32,
        [CompositeOps.RmsNorm] = Float32,
        [CompositeOps.Rope] = Float32,
        // Its kernels have the softmax, and its sums, in float32.
        [new(Op.Microsoft, "GroupQueryAttention")] = Product,
    };

    /// <summary>The graph in the compute type; the cache and <c>logits</c> are in it too.</summary>
    /// <param name="graph">A graph as <c>InferenceGraph</c> makes it, in float32, composites not lowered.</param>
    /// <param name="compute">Float16 or BFloat16; Float32 changes nothing.</param>
    /// <param name="stored">The type in which parameters are given.</param>
    /// <exception cref="NotSupportedException">
    /// An operator has no precision, or a constant is beyond what the type has.
    /// </exception>
    public static OnnxGraph Of(OnnxGraph graph, DataType compute, DataType stored)
    {
        if (compute == DataType.Float32)
        {
            return graph;
        }

        var wide = ReadWide(graph);
        return new PrecisionRewrite(
            graph, compute,
            v => v.Type != DataType.Float32 ? v.Type : IsPast(v) ? compute : stored,
            v => v.Type == DataType.Float32 ? compute : v.Type,
            node => wide.Contains(node) ? Float32 : RuleOf(node)).Result();
    }

    static bool IsPast(Value input) => input.Name.StartsWith(CachePorts.PastPrefix, StringComparison.Ordinal);

    static PrecisionRule RuleOf(Node node) => Own.TryGetValue(node.Op, out var rule) ? rule : PrecisionRules.Find(node);

    // Elementwise nodes whose results something reads in float32, be it through nodes that move them.
    static HashSet<Node> ReadWide(OnnxGraph graph)
    {
        var (wide, read) = (new HashSet<Node>(), new HashSet<Value>());
        foreach (var node in graph.Nodes.Reverse())
        {
            var (rule, isRead) = (RuleOf(node), node.Outputs.Any(v => v is not null && read.Contains(v)));
            if (rule == Follows && isRead)
            {
                wide.Add(node);
            }

            if (rule == Float32 || (rule is Follows or Moves && isRead))
            {
                read.UnionWith(node.Inputs.OfType<Value>());
            }
        }

        return wide;
    }
}
