using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Sessions;

/// <summary>
/// What a session takes and gives back while it runs, node by node, as ONNX Runtime's planner has it (AllocationPlanner of version 1.31):
/// values that are neither inputs nor outputs of the graph, in the order of <see cref="SessionOrder"/>, written in place where the kernel
/// may, into the memory of a dead value of the same shape where there is one.
/// </summary>
sealed class SessionTemporaries
{
    // Kernels whose output is their input seen otherwise.
    static readonly HashSet<string> Views = ["Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"];

    // Kernels that may write over their input, where nobody else reads it; sums and products are not among them.
    static readonly HashSet<string> InPlace =
        ["Cast", "Clip", "LeakyRelu", "LogSoftmax", "Relu", "Sigmoid", "Softmax", "Softplus", "Tanh"];

    readonly List<(int Block, Shape Shape, DataType Type)[]> taken = [];
    readonly List<int[]> returned = [];

    public SessionTemporaries(OnnxGraph graph)
    {
        var order = SessionOrder.Of(graph);
        var uses = new Dictionary<Value, int>();
        var outputs = graph.Outputs.ToHashSet();
        foreach (var value in order.SelectMany(n => n.Inputs.OfType<Value>()))
        {
            uses[value] = uses.GetValueOrDefault(value) + 1;
        }

        // From values to blocks, and how many reads a block still has.
        var blocks = new Dictionary<Value, int>();
        var reads = new List<int>();
        var shapes = new List<(Shape Shape, DataType Type)>();
        var lastUse = new List<int>();
        var firstUse = new List<int>();
        var free = new LinkedList<int>();
        foreach (var (step, node) in order.Index())
        {
            foreach (var output in node.Outputs.OfType<Value>().Where(o => !outputs.Contains(o)))
            {
                var block = Reused(node, output) ?? Dead(output) ?? New(output.Shape, output.Type, step);
                blocks[output] = block;
                reads[block] += uses.GetValueOrDefault(output);
                lastUse[block] = step;
            }

            foreach (var input in node.Inputs.OfType<Value>())
            {
                if (blocks.TryGetValue(input, out var block))
                {
                    lastUse[block] = step;
                    reads[block]--;
                    if (reads[block] == 0)
                    {
                        free.AddFirst(block);
                    }
                }
            }
        }

        for (var step = 0; step < order.Count; step++)
        {
            var at = step;
            taken.Add(
            [
                .. Enumerable.Range(0, shapes.Count).Where(b => firstUse[b] == at)
                    .Select(b => (b, shapes[b].Shape, shapes[b].Type)),
            ]);
            returned.Add([.. Enumerable.Range(0, shapes.Count).Where(b => lastUse[b] == at)]);
        }

        int? Reused(Node node, Value output)
        {
            if (Views.Contains(node.Op.Type))
            {
                // A view of an input of the graph needs no memory: no block, as for what is not ours.
                return node.Inputs[0] is { } source && blocks.TryGetValue(source, out var viewed) ? viewed : Nothing();
            }

            if (InPlace.Contains(node.Op.Type))
            {
                var input = node.Input(0);
                if (blocks.TryGetValue(input, out var block) && reads[block] == 1 && input.Shape.Equals(output.Shape)
                    && input.Type.Size() == output.Type.Size())
                {
                    return block;
                }
            }

            return null;
        }

        int? Dead(Value output)
        {
            for (var entry = output.Shape.Rank == 0 ? null : free.First; entry is not null; entry = entry.Next)
            {
                if (shapes[entry.Value].Type.Size() == output.Type.Size() && shapes[entry.Value].Shape.Equals(output.Shape))
                {
                    free.Remove(entry);
                    return entry.Value;
                }
            }

            return null;
        }

        int New(Shape shape, DataType type, int step)
        {
            shapes.Add((shape, type));
            reads.Add(0);
            firstUse.Add(step);
            lastUse.Add(step);
            return shapes.Count - 1;
        }

        int Nothing() => New(new Shape(0), DataType.Bool, step: -1);
    }

    /// <summary>Takes from the pool and gives back what a run with these sizes would.</summary>
    public void Replay(MemoryPool pool, MemoryPurpose purpose, IReadOnlyDictionary<string, long> sizes)
    {
        var held = new Dictionary<int, nint>();
        for (var step = 0; step < taken.Count; step++)
        {
            foreach (var (block, shape, type) in taken[step])
            {
                // Sizes that only the running graph knows are those of small vectors.
                var bytes = shape.SelectMany(d => d.Factors).All(sizes.ContainsKey)
                    ? shape.Evaluate(sizes).Aggregate((long)type.Size(), (a, b) => a * b)
                    : 0;
                if (bytes >= MemoryPool.LeastPlaced)
                {
                    held.Add(block, pool.Rent(bytes, purpose));
                }
            }

            foreach (var block in returned[step])
            {
                if (held.Remove(block, out var address))
                {
                    pool.Return(address);
                }
            }
        }
    }
}
