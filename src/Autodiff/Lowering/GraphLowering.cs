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
        var b = new GraphBuilder(graph.Name);
        var map = graph.Inputs.ToDictionary(v => v, v => b.Input(v.Name, v.Type, v.Shape));
        foreach (var (value, constant) in graph.Constants)
        {
            map.Add(value, b.Constant(constant.Data, value.Type, value.Shape));
        }

        foreach (var node in graph.Nodes)
        {
            var inputs = node.Inputs.Select(v => v is null ? null : map[v]).ToArray();
            IEnumerable<Value?> outputs = LoweringRules.Find(node, kind) is { } rule
                ? Lowered(b, node, inputs, rule)
                : b.AddCopy(node, inputs).Outputs;
            foreach (var (old, lowered) in node.Outputs.Zip(outputs))
            {
                if (old is not null)
                {
                    map.Add(old, lowered!);
                }
            }
        }

        return b.Build(graph.Outputs.Select(v => (v.Name, map[v])), pruneInputs);
    }

    static Value?[] Lowered(GraphBuilder b, Node node, Value?[] inputs, Func<LoweringContext, Value[]> rule)
    {
        using (b.Scope(node.Name))
        {
            return rule(new LoweringContext(b, node, inputs));
        }
    }
}
