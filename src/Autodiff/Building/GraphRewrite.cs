namespace OrtDpo.Autodiff.Building;

/// <summary>
/// A graph written anew from another, node by node in its order: each is copied, or something else is put in its place. Values of the old
/// graph are found here by what stands for them in the new one.
/// </summary>
sealed class GraphRewrite
{
    readonly OnnxGraph graph;
    readonly Dictionary<Value, Value> map = [];

    /// <summary>Begins with the constants and the inputs; names stay.</summary>
    /// <param name="graph">The old graph.</param>
    /// <param name="name">The new graph's name; null: the old one's.</param>
    /// <param name="input">Declares an input; null in its place: it has no successor, and is not read. Null: all as they are.</param>
    /// <param name="constant">The data and type of a constant; null: all as they are.</param>
    public GraphRewrite(
        OnnxGraph graph, string? name = null, Func<GraphBuilder, Value, Value?>? input = null,
        Func<Value, Array, (Array Data, DataType Type)>? constant = null)
    {
        this.graph = graph;
        Builder = new GraphBuilder(name ?? graph.Name);
        foreach (var value in graph.Inputs)
        {
            if ((input is null ? Builder.Input(value.Name, value.Type, value.Shape) : input(Builder, value)) is { } declared)
            {
                map.Add(value, declared);
            }
        }

        foreach (var (value, old) in graph.Constants)
        {
            var (data, type) = constant is null ? (old.Data, value.Type) : constant(value, old.Data);
            map.Add(value, Builder.Constant(data, type, value.Shape));
        }
    }

    /// <summary>The new graph.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>What stands for a value of the old graph.</summary>
    public Value this[Value old]
    {
        get => map[old];
        set => map[old] = value;
    }

    /// <summary>What stands for a node's inputs.</summary>
    public Value?[] Inputs(Node node) => [.. node.Inputs.Select(v => v is null ? null : map[v])];

    /// <summary>A node as it was.</summary>
    public void Copy(Node node) => Replace(node, Builder.AddCopy(node, Inputs(node)).Outputs);

    /// <summary>Values in place of a node's outputs, in their order.</summary>
    public void Replace(Node node, IEnumerable<Value?> outputs)
    {
        foreach (var (old, output) in node.Outputs.Zip(outputs))
        {
            if (old is not null)
            {
                map.Add(old, output!);
            }
        }
    }

    /// <summary>Ends with the old graph's outputs under their names.</summary>
    public OnnxGraph Build(bool pruneInputs = false) => Builder.Build(graph.Outputs.Select(v => (v.Name, map[v])), pruneInputs);
}
