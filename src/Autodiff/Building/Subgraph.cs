namespace OrtDpo.Autodiff.Building;

/// <summary>Cuts a graph out of a builder between given inputs and outputs.</summary>
static class Subgraph
{
    /// <summary>
    /// What <paramref name="outputs"/> need, read from <paramref name="sources"/> wherever the walk backwards meets one: a source becomes
    /// an input, whatever made it. Inputs that are not needed are left out.
    /// </summary>
    /// <exception cref="InvalidOperationException">The outputs need an input of the builder that is no source.</exception>
    public static OnnxGraph Cut(
        GraphBuilder builder, string name, IEnumerable<Value> sources,
        IEnumerable<(string Name, Value Value)> outputs)
    {
        var cut = sources.ToHashSet();
        var results = outputs.ToList();
        var needed = new HashSet<Value>();
        var open = new Stack<Value>(results.Select(o => o.Value));
        while (open.TryPop(out var value))
        {
            if (!needed.Add(value) || cut.Contains(value))
            {
                continue;
            }

            if (builder.Producer(value) is { } node)
            {
                foreach (var input in node.Inputs.OfType<Value>())
                {
                    open.Push(input);
                }
            }
            else if (!builder.Constants.ContainsKey(value))
            {
                throw new InvalidOperationException($"Graph '{name}' needs '{value.Name}', which is not among its inputs.");
            }
        }

        var kept = builder.Nodes.Where(n => n.Outputs.Any(v => v is not null && needed.Contains(v) && !cut.Contains(v))).ToList();
        var inputs = cut.Where(needed.Contains).ToList();
        var constants = builder.Constants.Where(c => needed.Contains(c.Key)).ToDictionary();
        return GraphPruning.Finish(name, inputs, kept, constants, results, v => cut.Contains(v) || builder.Producer(v) is null);
    }
}
