using System.Collections.Immutable;

namespace OrtDpo.Autodiff.Building;

/// <summary>Keeps what the outputs of a graph need, and gives the outputs their names.</summary>
static class GraphPruning
{
    public static OnnxGraph Finish(GraphBuilder builder, IReadOnlyList<(string Name, Value Value)> outputs, bool pruneInputs)
    {
        var needed = Needed(builder, outputs.Select(o => o.Value));
        var kept = builder.Nodes.Where(n => n.Outputs.Any(v => v is not null && needed.Contains(v))).ToList();
        var inputs = pruneInputs ? builder.Inputs.Where(needed.Contains).ToList() : [.. builder.Inputs];
        var constants = builder.Constants.Where(c => needed.Contains(c.Key)).ToDictionary();
        return Finish(builder.Name, inputs, kept, constants, outputs, v => builder.Producer(v) is null);
    }

    /// <summary>Gives the outputs their names; <paramref name="isSource"/> says which values no node of the graph makes.</summary>
    public static OnnxGraph Finish(
        string name, IReadOnlyList<Value> inputs, List<Node> nodes, IReadOnlyDictionary<Value, Constant> constants,
        IReadOnlyList<(string Name, Value Value)> outputs, Func<Value, bool> isSource)
    {
        var renamed = Rename(isSource, outputs, nodes, out var results);
        CheckNames(name, [.. inputs, .. constants.Keys, .. renamed.SelectMany(n => n.Outputs).OfType<Value>()]);
        return new OnnxGraph(name, inputs, results, renamed, constants);
    }

    static HashSet<Value> Needed(GraphBuilder builder, IEnumerable<Value> outputs)
    {
        var needed = new HashSet<Value>();
        var open = new Stack<Value>(outputs);
        while (open.TryPop(out var value))
        {
            if (needed.Add(value) && builder.Producer(value) is { } node)
            {
                foreach (var input in node.Inputs)
                {
                    if (input is not null)
                    {
                        open.Push(input);
                    }
                }
            }
        }

        return needed;
    }

    static void CheckNames(string graph, List<Value> values)
    {
        if (values.GroupBy(v => v.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } same)
        {
            throw new ArgumentException(
                $"Graph '{graph}' has {same.Count()} values called '{same.Key}'. Give the output a name of its own.");
        }
    }

    // A value that is an output gets the output's name. Inputs, constants and values asked for twice get an Identity: ONNX allows one name
    // per value.
    static List<Node> Rename(
        Func<Value, bool> isSource, IReadOnlyList<(string Name, Value Value)> outputs, List<Node> nodes, out List<Value> results)
    {
        var renamed = new Dictionary<Value, Value>();
        var copies = new List<Node>();
        results = [];
        foreach (var (name, value) in outputs)
        {
            var output = value.Name == name ? value : new Value(name, value.Type, value.Shape);
            results.Add(output);
            if (isSource(value) || renamed.ContainsKey(value))
            {
                var source = renamed.GetValueOrDefault(value, value);
                copies.Add(new Node($"output/{name}", "Identity", [source], [output], Attributes.None));
            }
            else
            {
                renamed.Add(value, output);
            }
        }

        Value? Map(Value? value) => value is not null && renamed.TryGetValue(value, out var output) ? output : value;
        var list = nodes.Select(n => n with { Inputs = [.. n.Inputs.Select(Map)], Outputs = [.. n.Outputs.Select(Map)] }).ToList();
        list.AddRange(copies.Select(c => c with { Inputs = [.. c.Inputs.Select(Map)] }));
        return list;
    }
}
