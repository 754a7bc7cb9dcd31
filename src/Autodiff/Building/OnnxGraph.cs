namespace OrtDpo.Autodiff.Building;

/// <summary>A finished graph: nodes in an order in which they can run, with only what its outputs need.</summary>
public sealed class OnnxGraph
{
    internal OnnxGraph(
        string name, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs, IReadOnlyList<Node> nodes,
        IReadOnlyDictionary<Value, Constant> constants)
    {
        Name = name;
        Inputs = inputs;
        Outputs = outputs;
        Nodes = nodes;
        Constants = constants;
        RequiresOneThread = nodes.Any(AddsAtIndices);
    }

    public string Name { get; }

    /// <summary>Data and parameters alike: a graph holds no weights.</summary>
    public IReadOnlyList<Value> Inputs { get; }

    public IReadOnlyList<Value> Outputs { get; }

    public IReadOnlyList<Node> Nodes { get; }

    public IReadOnlyDictionary<Value, Constant> Constants { get; }

    /// <summary>
    /// Whether the graph adds at indices that may repeat: right only in a session with one intra-op thread, because ONNX Runtime's CPU
    /// kernels add from several threads without a lock.
    /// </summary>
    public bool RequiresOneThread { get; }

    /// <summary>The input called <paramref name="name"/>.</summary>
    public Value Input(string name) => Find(Inputs, name, "input");

    /// <summary>The output called <paramref name="name"/>.</summary>
    public Value Output(string name) => Find(Outputs, name, "output");

    static bool AddsAtIndices(Node node) => node.Op == CompositeOps.ScatterRowsAdd
        || (node.Op.Type is "ScatterND" or "ScatterElements" && node.Attributes.String("reduction") is not (null or "none"));

    Value Find(IReadOnlyList<Value> values, string name, string kind) => values.FirstOrDefault(v => v.Name == name)
        ?? throw new ArgumentException(
            $"Graph '{Name}' has no {kind} '{name}'; it has {string.Join(", ", values.Select(v => v.Name))}.", nameof(name));
}
