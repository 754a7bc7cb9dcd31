using System.Runtime.InteropServices;
using Google.Protobuf;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Onnx;

/// <summary>Graphs, nodes and values as ONNX's messages.</summary>
static class GraphProtos
{
    /// <summary>
    /// The message of a lowered graph; inputs in <paramref name="initialized"/> are left out, because initializers stand for them.
    /// </summary>
    public static GraphProto Graph(OnnxGraph graph, IReadOnlySet<string> initialized)
    {
        var proto = new GraphProto { Name = graph.Name };
        proto.Input.AddRange(graph.Inputs.Where(v => !initialized.Contains(v.Name)).Select(ValueInfo));
        proto.Output.AddRange(graph.Outputs.Select(ValueInfo));
        proto.Initializer.AddRange(graph.Constants.Select(c => Tensor(c.Key, c.Value)));
        proto.Node.AddRange(graph.Nodes.Select(Node));
        return proto;
    }

    /// <summary>A default for an input: without numbers, its open sizes 0.</summary>
    public static TensorProto Empty(Value input) => input.Shape.Any(dim => dim.Value is null)
        ? new() { Name = input.Name, DataType = (int)input.Type, Dims = { input.Shape.Select(dim => dim.Value ?? 0) } }
        : throw new ArgumentException($"Input {input} has no open size, and cannot be empty.", nameof(input));

    static NodeProto Node(Node node)
    {
        if (node.Op.Domain == Op.Composite)
        {
            throw new ArgumentException($"Node {node} is a composite, which no ONNX runtime knows. Lower the graph before it is written.");
        }

        var proto = new NodeProto { Name = node.Name, OpType = node.Op.Type, Domain = node.Op.Domain };
        proto.Input.AddRange(node.Inputs.Select(v => v?.Name ?? ""));
        proto.Output.AddRange(node.Outputs.Select(v => v?.Name ?? ""));
        proto.Attribute.AddRange(node.Attributes.Values.Select(a => Attribute(a.Key, a.Value)));
        return proto;
    }

    static AttributeProto Attribute(string name, object value) => value switch
    {
        long i => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = i },
        double d => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)d },
        string s => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(s) },
        long[] list => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { list } },
        _ => throw new ArgumentException($"Attribute '{name}' is a {value.GetType().Name}; attributes are long, float, string or long[]."),
    };

    static ValueInfoProto ValueInfo(Value value)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(value.Shape.Select(dim => dim.Value is { } size
            ? new TensorShapeProto.Types.Dimension { DimValue = size }
            : new TensorShapeProto.Types.Dimension { DimParam = dim.ToString() }));
        return new()
        {
            Name = value.Name,
            Type = new() { TensorType = new() { ElemType = (int)value.Type, Shape = shape } },
        };
    }

    static TensorProto Tensor(Value value, Constant constant)
    {
        var dims = value.Shape.Select(dim => dim.Value ?? throw new ArgumentException($"Constant {value} has a symbolic size.")).ToArray();
        var bytes = MemoryMarshal.CreateReadOnlySpan(
            ref MemoryMarshal.GetArrayDataReference(constant.Data), Buffer.ByteLength(constant.Data));
        var expected = dims.Aggregate((long)value.Type.Size(), (size, dim) => size * dim);
        return bytes.Length == expected
            ? new() { Name = value.Name, DataType = (int)value.Type, Dims = { dims }, RawData = ByteString.CopyFrom(bytes) }
            : throw new ArgumentException($"Constant {value} holds {bytes.Length} bytes; expected {expected}.");
    }
}
