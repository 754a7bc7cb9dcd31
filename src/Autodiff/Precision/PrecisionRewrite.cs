using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Precision;

/// <summary>One graph, rewritten node by node: for <see cref="PrecisionPass"/>, and for <see cref="InferencePrecision"/>.</summary>
sealed class PrecisionRewrite
{
    readonly OnnxGraph graph;
    readonly DataType compute;
    readonly GraphBuilder b;
    readonly GraphRewrite rewrite;
    readonly Dictionary<(Value Value, DataType Type), Value> casts = [];
    readonly Dictionary<Value, DataType> asked;
    readonly Func<Node, PrecisionRule> rules;

    /// <summary>Of a float32 graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="compute">The compute type.</param>
    /// <param name="inputs">The types of its inputs.</param>
    /// <param name="outputs">The types of its outputs; null: as they are computed.</param>
    /// <param name="rules">The rule of each node; null: that of the table.</param>
    public PrecisionRewrite(
        OnnxGraph graph, DataType compute, Func<Value, DataType> inputs, Func<Value, DataType?> outputs,
        Func<Node, PrecisionRule>? rules = null)
    {
        this.rules = rules ?? PrecisionRules.Find;
        this.graph = graph;
        this.compute = compute;
        rewrite = new GraphRewrite(
            graph, input: (b, v) => b.Input(v.Name, inputs(v), v.Shape), constant: (v, data) => (Finite(data), v.Type));
        b = rewrite.Builder;
        b.Reserve(graph.Outputs.Select(v => v.Name));
        asked = graph.Outputs.Where(v => outputs(v) is not null).ToDictionary(v => v, v => outputs(v)!.Value);
    }

    public OnnxGraph Result()
    {
        foreach (var node in graph.Nodes)
        {
            Rewrite(node);
        }

        return b.Build(graph.Outputs.Select(v => (v.Name, asked.TryGetValue(v, out var type) ? In(type, v) : rewrite[v])));
    }

    void Rewrite(Node node)
    {
        if (Buffered(node) is { } sum)
        {
            rewrite[node.Output] = sum;
            return;
        }

        var type = TypeOf(node);
        var copy = b.AddRetyped(node, [.. node.Inputs.Select(v => v is null ? null : type is { } t ? In(t, v) : rewrite[v])]);
        rewrite.Replace(node, copy.Outputs);
    }

    // The type of a node's floating operands; null: as they come.
    DataType? TypeOf(Node node) => rules(node) switch
    {
        PrecisionRule.AsWritten => null,
        PrecisionRule.Float32 => DataType.Float32,
        PrecisionRule.Product => compute,
        PrecisionRule.Moves => IsFloat32(node.Input(0)) ? DataType.Float32 : compute,
        PrecisionRule.ByScale => IsHandedOutWide(node) || IsFloat32(node.Input(1)) ? DataType.Float32 : compute,
        PrecisionRule.Follows => IsHandedOutWide(node) || FollowsFloat32(node) ? DataType.Float32 : compute,
        var rule => throw new InvalidOperationException($"Node {node}: rule {rule} is not known."),
    };

    // Constants and parameters take the type of what they meet, unless there is nothing else.
    bool FollowsFloat32(Node node)
    {
        var floats = node.Inputs.OfType<Value>().Where(v => v.Type == DataType.Float32 && !graph.Constants.ContainsKey(v)).ToList();
        var computed = floats.Where(v => !IsParameter(v)).ToList();
        return floats.Count > 0 && (computed.Count > 0 ? computed : floats).TrueForAll(IsFloat32);
    }

    // Of parameters alone all sizes are numbers.
    bool IsParameter(Value value) => graph.Inputs.Contains(value) && value.Shape.All(dim => dim.Value is not null);

    bool IsFloat32(Value value) => !graph.Constants.ContainsKey(value) && rewrite[value].Type == DataType.Float32;

    bool IsHandedOutWide(Node node) =>
        node.Outputs.Any(v => v is not null && asked.TryGetValue(v, out var type) && type == DataType.Float32);

    // buffer + product: in one node where the product is float32 itself.
    Value? Buffered(Node node)
    {
        if (node.Op != "Gemm" || node.Inputs.Length < 3 || !IsHandedOutWide(node) || TypeOf(node) == DataType.Float32)
        {
            return null;
        }

        var product = b.AddRetyped(node, [In(compute, node.Input(0)), In(compute, node.Input(1))]);
        using var scope = b.Scope(node.Name);
        return b.Add(b.Cast(product.Output, DataType.Float32), In(DataType.Float32, node.Input(2)));
    }

    // A value in a type: one Cast for all that read it so; constants are rounded here.
    Value In(DataType type, Value value)
    {
        var mapped = rewrite[value];
        if (mapped.Type == type || value.Type != DataType.Float32)
        {
            return mapped;
        }

        if (!casts.TryGetValue((mapped, type), out var cast))
        {
            cast = b.Constants.TryGetValue(mapped, out var constant) ? Rounded((float[])constant.Data, type, value)
                : WidenedFrom(type, mapped) ?? Cast(type, mapped);
            casts.Add((mapped, type), cast);
        }

        return cast;
    }

    Value Rounded(float[] numbers, DataType type, Value constant)
    {
        if (type == DataType.Float16 && Array.Exists(numbers, v => float.IsInfinity((float)(Half)v)))
        {
            throw new NotSupportedException($"Graph '{graph.Name}', constant '{constant.Name}': it is read in float16, which ends at "
                + "65504, and has a number beyond. Compute in bfloat16 or float32.");
        }

        return b.Constant(FloatingBits.Of(Array.ConvertAll(numbers, v => (double)v), type), type, constant.Shape);
    }

    // What was given in the type, and widened: widening lost nothing.
    Value? WidenedFrom(DataType type, Value value) =>
        b.Producer(value) is { } cast && cast.Op == "Cast" && value.Type == DataType.Float32 && cast.Input(0).Type == type
            ? cast.Input(0)
            : null;

    Value Cast(DataType type, Value value)
    {
        using var scope = b.Scope(value.Name);
        return b.Cast(value, type);
    }

    // The least float32, as masks have it, is no number of bfloat16, and 0 times an infinity is none at all.
    static Array Finite(Array data) => data is float[] numbers
        ? Array.ConvertAll(
            numbers,
            v => float.IsFinite(v) ? Math.Clamp(v, (float)-FloatingBits.BFloat16Max, (float)FloatingBits.BFloat16Max) : v)
        : data;
}
