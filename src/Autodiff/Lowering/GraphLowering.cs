using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

/// <summary>Replaces composites, which are single nodes while differentiating, by operators that ONNX Runtime has.</summary>
public static class GraphLowering
{
    /// <summary>The same graph without composites; inputs and outputs keep their names, types and shapes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kind">What composites become.</param>
    /// <param name="pruneInputs">Drop inputs that no output needs.</param>
    /// <exception cref="NotSupportedException">A composite has no lowering.</exception>
    public static OnnxGraph Lower(this OnnxGraph graph, LoweringKind kind, bool pruneInputs = false)
    {
        var rewrite = new GraphRewrite(graph);
        foreach (var node in graph.Nodes)
        {
            if (LoweringRules.Find(node, kind) is { } rule)
            {
                rewrite.Replace(node, Lowered(rewrite.Builder, node, rewrite.Inputs(node), rule));
            }
            else
            {
                rewrite.Copy(node);
            }
        }

        return rewrite.Build(pruneInputs);
    }

    static Value?[] Lowered(GraphBuilder b, Node node, Value?[] inputs, Func<LoweringContext, Value[]> rule)
    {
        using (b.Scope(node.Name))
        {
            return rule(new LoweringContext(b, node, inputs));
        }
    }
}
