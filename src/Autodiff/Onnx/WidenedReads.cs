using Google.Protobuf.Collections;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Onnx;

/// <summary>
/// 16-bit weights of a graph that computes in float32: whatever read a weight reads a Cast of it, so that every host runs the model,
/// also one without kernels for 16 bits. The weight keeps its name; hosts fold the Cast when they load the model.
/// </summary>
static class WidenedReads
{
    /// <summary>The graph, with a Cast for each initializer that is stored in 16 bits.</summary>
    public static GraphProto Of(GraphProto graph, IReadOnlyList<Initializer> initializers)
    {
        var widened = initializers.Where(i => i.Type is DataType.Float16 or DataType.BFloat16)
            .ToDictionary(i => i.Name, i => $"{i.Name}/float32", StringComparer.Ordinal);
        if (widened.Count == 0)
        {
            return graph;
        }

        var result = new GraphProto(graph);
        // Both say that the weight is float32.
        Remove(result.Input, input => widened.ContainsKey(input.Name));
        Remove(result.ValueInfo, value => widened.ContainsKey(value.Name));
        Rename(result, widened);
        foreach (var (name, cast) in widened.Reverse())
        {
            var to = new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (long)DataType.Float32 };
            result.Node.Insert(0, new NodeProto { Name = cast, OpType = "Cast", Input = { name }, Output = { cast }, Attribute = { to } });
        }

        return result;
    }

    // Branches read names from around them.
    static void Rename(GraphProto graph, Dictionary<string, string> names)
    {
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = names.GetValueOrDefault(node.Input[i], node.Input[i]);
            }

            foreach (var branch in node.Attribute.Select(a => a.G).OfType<GraphProto>())
            {
                Rename(branch, names);
                foreach (var output in branch.Output)
                {
                    output.Name = names.GetValueOrDefault(output.Name, output.Name);
                }
            }
        }
    }

    static void Remove(RepeatedField<ValueInfoProto> values, Func<ValueInfoProto, bool> which)
    {
        foreach (var value in values.Where(which).ToList())
        {
            values.Remove(value);
        }
    }
}
