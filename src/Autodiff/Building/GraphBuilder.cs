using System.Collections.Immutable;
using OrtDpo.Autodiff.Fragments;

namespace OrtDpo.Autodiff.Building;

/// <summary>
/// Writes graphs: every node gets a unique name and, by <see cref="ShapeInference"/>, the types and shapes of its outputs at once, so that
/// a wrong shape is an error where it is written and not where it runs. The operators are extension-like methods in the partial files.
/// </summary>
public sealed partial class GraphBuilder(string name)
{
    readonly List<Value> inputs = [];
    readonly List<Node> nodes = [];
    readonly Dictionary<Value, Constant> constants = [];
    readonly Dictionary<Value, Node> producers = [];
    readonly Dictionary<string, int> names = new(StringComparer.Ordinal);
    string scope = "";
    Op? gradientOf;

    public string Name { get; } = name;

    public IReadOnlyList<Value> Inputs => inputs;

    public IReadOnlyList<Node> Nodes => nodes;

    public IReadOnlyDictionary<Value, Constant> Constants => constants;

    /// <summary>The node that makes <paramref name="value"/>; null for inputs and constants.</summary>
    public Node? Producer(Value value) => producers.GetValueOrDefault(value);

    /// <summary>Declares an input.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public Value Input(string name, DataType type, Shape shape)
    {
        if (!names.TryAdd(name, 0))
        {
            throw new ArgumentException($"Graph '{Name}' already has a value called '{name}'.", nameof(name));
        }

        var value = new Value(name, type, shape);
        inputs.Add(value);
        return value;
    }

    /// <summary>Prefixes the names of what is written until the result is disposed: <c>layer0/attention/…</c>.</summary>
    public IDisposable Scope(string name) => Scope(name, gradientOf);

    /// <summary>The same for the gradient of <paramref name="gradient"/>, which the nodes remember.</summary>
    internal IDisposable Scope(string name, Op? gradient)
    {
        var end = new ScopeEnd(this, scope, gradientOf);
        (scope, gradientOf) = ($"{scope}{name}/", gradient);
        return end;
    }

    /// <summary>Adds a node with one output.</summary>
    public Value Add(Op op, ReadOnlySpan<Value?> inputs, Attributes? attributes = null, string? output = null) =>
        AddNode(op, inputs, attributes, outputs: 1, output).Output;

    /// <summary>Adds a node; the types and shapes of its outputs are inferred.</summary>
    /// <exception cref="NotSupportedException">No shape rule is registered for the operator.</exception>
    /// <exception cref="ShapeException">The inputs do not fit the operator.</exception>
    public Node AddNode(Op op, ReadOnlySpan<Value?> inputs, Attributes? attributes = null, int outputs = 1, string? output = null)
    {
        var nodeName = Unique(scope + op.Type);
        var operands = inputs.ToImmutableArray();
        var types = ShapeInference.Infer(this, nodeName, op, operands, attributes ?? Attributes.None, outputs);
        var results = ImmutableArray.CreateBuilder<Value?>(outputs);
        for (var i = 0; i < outputs; i++)
        {
            var valueName = output is not null ? Unique(i == 0 ? output : $"{output}.{i}") : $"{nodeName}.{i}";
            results.Add(new Value(valueName, types[i].Type, types[i].Shape));
        }

        var node = new Node(nodeName, op, operands, results.MoveToImmutable(), attributes ?? Attributes.None) { GradientOf = gradientOf };
        Append(node);
        return node;
    }

    /// <summary>A constant; equal constants are one value.</summary>
    public Value Constant(Array data, DataType type, Shape shape)
    {
        foreach (var (known, constant) in constants)
        {
            if (known.Type == type && known.Shape.Equals(shape) && SameData(constant.Data, data))
            {
                return known;
            }
        }

        var value = new Value(Unique("constant"), type, shape);
        constants.Add(value, new Constant(data));
        return value;
    }

    /// <summary>
    /// Copies the nodes of <paramref name="graph"/> in, its inputs replaced by <paramref name="bound"/> (all of them, by name).
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="bound">What its inputs become.</param>
    /// <param name="scope">What the names of the copies begin with.</param>
    /// <param name="attention">
    /// Writes what stands for a node of <see cref="CompositeOps.Attention"/>, from the node and its inputs here; null: it is spelled out.
    /// </param>
    /// <returns>The graph's outputs, by name.</returns>
    public IReadOnlyDictionary<string, Value> Inline(
        OnnxGraph graph, IReadOnlyDictionary<string, Value> bound, string scope, Func<Node, Value?[], Value>? attention = null)
    {
        using var inner = Scope(scope);
        var map = new Dictionary<Value, Value>();
        foreach (var input in graph.Inputs)
        {
            map[input] = bound.TryGetValue(input.Name, out var value)
                ? value
                : throw new ArgumentException($"Input '{input.Name}' of graph '{graph.Name}' is not bound.", nameof(bound));
        }

        foreach (var (value, constant) in graph.Constants)
        {
            map[value] = Constant(constant.Data, value.Type, value.Shape);
        }

        foreach (var node in graph.Nodes)
        {
            var inputs = node.Inputs.Select(v => v is null ? null : map[v]).ToArray();
            if (node.Op == CompositeOps.Attention)
            {
                map[node.Output] = attention is null ? AttentionNodes.Spell(this, node, inputs) : attention(node, inputs);
                continue;
            }

            var copy = AddNode(node.Op, inputs, node.Attributes, node.Outputs.Length);
            for (var i = 0; i < node.Outputs.Length; i++)
            {
                map[node.Outputs[i]!] = copy.Outputs[i]!;
            }
        }

        return graph.Outputs.ToDictionary(v => v.Name, v => map[v]);
    }

    /// <summary>
    /// Finishes the graph: drops what <paramref name="outputs"/> do not need, because ONNX Runtime runs every node of a graph, fetched or
    /// not. Inputs stay, used or not, unless <paramref name="pruneInputs"/>.
    /// </summary>
    /// <param name="outputs">Outputs with the names that they are to have.</param>
    /// <param name="pruneInputs">Drop inputs that no output needs.</param>
    public OnnxGraph Build(IEnumerable<(string Name, Value Value)> outputs, bool pruneInputs = false) =>
        GraphPruning.Finish(this, [.. outputs], pruneInputs);

    /// <summary>A node of another graph with its inputs here; names, types and shapes stay.</summary>
    internal Node AddCopy(Node node, ReadOnlySpan<Value?> inputs)
    {
        var outputs = node.Outputs.Select(v => v is null ? null : new Value(Unique(v.Name), v.Type, v.Shape));
        var copy = node with { Name = Unique(node.Name), Inputs = [.. inputs], Outputs = [.. outputs] };
        Append(copy);
        return copy;
    }

    /// <summary>Keeps names for the graph's outputs: no value that is written later gets one before.</summary>
    internal void Reserve(IEnumerable<string> outputs)
    {
        foreach (var output in outputs)
        {
            names.TryAdd(output, 1);
        }
    }

    /// <summary>The same for inputs of other types, from which those of the outputs follow.</summary>
    internal Node AddRetyped(Node node, Value?[] inputs)
    {
        var outputs = node.Outputs.Select(
            (v, i) => v is null ? null : new Value(Unique(v.Name), ElementTypes.Of(node, inputs, i), v.Shape));
        var copy = node with { Name = Unique(node.Name), Inputs = [.. inputs], Outputs = [.. outputs] };
        Append(copy);
        return copy;
    }

    internal void Append(Node node)
    {
        nodes.Add(node);
        foreach (var output in node.Outputs)
        {
            if (output is not null)
            {
                producers.Add(output, node);
            }
        }
    }

    internal string Unique(string wanted)
    {
        if (names.TryAdd(wanted, 1))
        {
            return wanted;
        }

        string candidate;
        do
        {
            candidate = $"{wanted}_{names[wanted]++}";
        }
        while (!names.TryAdd(candidate, 1));
        return candidate;
    }

    static bool SameData(Array a, Array b) => a.Length <= 64 && a.Length == b.Length && (a, b) switch
    {
        (float[] x, float[] y) => x.AsSpan().SequenceEqual(y),
        (double[] x, double[] y) => x.AsSpan().SequenceEqual(y),
        (long[] x, long[] y) => x.AsSpan().SequenceEqual(y),
        (int[] x, int[] y) => x.AsSpan().SequenceEqual(y),
        (bool[] x, bool[] y) => x.AsSpan().SequenceEqual(y),
        (ushort[] x, ushort[] y) => x.AsSpan().SequenceEqual(y),
        _ => false,
    };

    sealed class ScopeEnd(GraphBuilder builder, string outer, Op? gradient) : IDisposable
    {
        public void Dispose() => (builder.scope, builder.gradientOf) = (outer, gradient);
    }
}
