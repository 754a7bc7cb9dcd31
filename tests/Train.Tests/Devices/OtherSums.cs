using OrtDpo.Autodiff.Building;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// What another order of summation does to a graph in emulated bfloat16: each number is moved by a part of itself before it is rounded. On
/// a GPU the shape of a batch decides that order; on the processor many products sum alike in batches of all shapes.
/// </summary>
/// <param name="Part">The largest part: 2⁻²³ is a unit in the last place of float32.</param>
/// <param name="Seed">Which order: the part is a function of the number, and of this.</param>
sealed record OtherSums(double Part, int Seed)
{
    /// <summary>The graph with such sums.</summary>
    public OnnxGraph In(OnnxGraph graph)
    {
        var b = new GraphBuilder(graph.Name);
        var map = new Dictionary<Value, Value>();
        // What comes in is rounded already, as far as it is bfloat16.
        var given = new HashSet<Value>();
        foreach (var input in graph.Inputs)
        {
            map.Add(input, b.Input(input.Name, input.Type, input.Shape));
            given.Add(input);
        }

        foreach (var (value, constant) in graph.Constants)
        {
            map.Add(value, b.Constant(constant.Data, value.Type, value.Shape));
        }

        foreach (var node in graph.Nodes)
        {
            var inputs = node.Inputs.Select(v => v is null ? null : map[v]).ToArray();
            if (node.Op == "Cast" && node.Output.Type == DataType.BFloat16 && !given.Contains(node.Input(0)))
            {
                inputs[0] = Moved(b, inputs[0]!);
            }

            var copy = b.AddNode(node.Op, inputs, node.Attributes, node.Outputs.Length);
            foreach (var (old, output) in node.Outputs.Zip(copy.Outputs))
            {
                if (old is not null)
                {
                    map.Add(old, output!);
                }
            }
        }

        return b.Build(graph.Outputs.Select(v => (v.Name, map[v])));
    }

    // The sine of many turns takes a number for a chance one, the same at each run.
    Value Moved(GraphBuilder b, Value x)
    {
        var chance = b.Add("Sin", [b.Mul(x, b.Scalar(1e4 * (1 + (0.37 * Seed)), x.Type))]);
        return b.Add(x, b.Mul(x, b.Mul(chance, b.Scalar(Part, x.Type))));
    }
}
