using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Precision;

/// <summary>
/// The rule of ONNX's operators that a pass over types can break: what an operator computes with is all of one floating type. (Indices,
/// conditions and sizes are of others.)
/// </summary>
public static class OperandTypes
{
    /// <summary>Refuses a graph that breaks it.</summary>
    /// <param name="graph">A lowered graph.</param>
    /// <exception cref="InvalidOperationException">A node's operands are of several floating types, or nothing makes one.</exception>
    public static void Require(OnnxGraph graph)
    {
        var known = graph.Inputs.Concat(graph.Constants.Keys).ToHashSet();
        foreach (var node in graph.Nodes)
        {
            var operands = node.Inputs.OfType<Value>().ToList();
            if (operands.Find(v => !known.Contains(v)) is { } missing)
            {
                throw new InvalidOperationException($"Graph '{graph.Name}', node {node}: nothing makes its operand {missing}.");
            }

            if (operands.Where(v => v.Type.IsFloat()).DistinctBy(v => v.Type).Count() > 1)
            {
                throw new InvalidOperationException(
                    $"Graph '{graph.Name}', node {node}: its operands are {string.Join(" and ", operands)}; expected one floating type.");
            }

            known.UnionWith(node.Outputs.OfType<Value>());
        }
    }
}
