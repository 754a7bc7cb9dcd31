using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models.Import;
using AttributeType = OrtDpo.Autodiff.Onnx.AttributeProto.Types.AttributeType;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>
/// An ONNX model with nodes and initializers as ONNX Runtime's quantiser leaves them in an export of GenAI's model builder.
/// </summary>
sealed class HostExport
{
    public const string Domain = "com.microsoft";

    public ModelProto Model { get; } = new()
    {
        IrVersion = 10,
        Graph = new GraphProto { Name = "main" },
        OpsetImport = { new OperatorSetIdProto { Version = 21 }, new OperatorSetIdProto { Domain = Domain, Version = 1 } },
    };

    /// <summary>The numbers behind each node's name.</summary>
    public Dictionary<string, HostMatrix> Matrices { get; } = [];

    /// <summary>Element type of scales: Float, Float16 or BFloat16.</summary>
    public ElementType ScaleType { get; init; } = ElementType.Float;

    /// <summary>Whether scales and zero points have one dimension and codes two, as in older files.</summary>
    public bool IsFlat { get; init; }

    /// <summary>Adds the product that was called <paramref name="name"/> before it was quantised.</summary>
    public NodeProto Add(string name, HostMatrix matrix)
    {
        var weight = name[1..].Replace('/', '.') + ".weight";
        var node = new NodeProto
        {
            Name = name + "_Q4", OpType = "MatMulNBits", Domain = Domain, Output = { name },
            Input = { "x", $"{weight}_Q4", $"{weight}_scales" },
            Attribute =
            {
                Int("K", matrix.Columns), Int("N", matrix.Rows), Int("bits", 4), Int("block_size", matrix.Block),
            },
        };
        var (rows, blocks) = (matrix.Rows, matrix.Blocks);
        var bytes = matrix.Block / 2;
        Tensor(node.Input[1], ElementType.UInt8, IsFlat ? [rows, blocks * bytes] : [rows, blocks, bytes], matrix.Codes);
        Tensor(node.Input[2], ScaleType, IsFlat ? [rows * blocks] : [rows, blocks], Narrowed(matrix.Scales));
        if (matrix.ZeroPoints is { } zeros)
        {
            node.Input.Add($"{weight}_zero_points");
            Tensor(node.Input[3], ElementType.UInt8, IsFlat ? [zeros.Length] : [rows, (blocks + 1) / 2], zeros);
        }

        Model.Graph.Node.Add(node);
        Matrices.Add(name, matrix);
        return node;
    }

    public TensorProto Tensor(string name, ElementType type, long[] shape, byte[] bytes)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, Dims = { shape }, RawData = ByteString.CopyFrom(bytes) };
        Model.Graph.Initializer.Add(tensor);
        return tensor;
    }

    public NodeProto Node(string name) => Model.Graph.Node.Single(n => n.Name == name);

    public TensorProto Initializer(string name) => Model.Graph.Initializer.Single(i => i.Name == name);

    public string Write(string path, bool external = false)
    {
        if (external)
        {
            MoveOut(path + ".data");
        }

        File.WriteAllBytes(path, Model.ToByteArray());
        return path;
    }

    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static void Set(NodeProto node, string attribute, long value)
    {
        if (node.Attribute.SingleOrDefault(a => a.Name == attribute) is { } old)
        {
            node.Attribute.Remove(old);
        }

        node.Attribute.Add(Int(attribute, value));
    }

    // Without alignment: tensors of the builder's files begin where the one before ends.
    void MoveOut(string path)
    {
        using var data = File.Create(path);
        foreach (var tensor in Model.Graph.Initializer)
        {
            tensor.ExternalData.Add(Entry("location", Path.GetFileName(path)));
            tensor.ExternalData.Add(Entry("offset", data.Position.ToString(CultureInfo.InvariantCulture)));
            tensor.ExternalData.Add(Entry("length", tensor.RawData.Length.ToString(CultureInfo.InvariantCulture)));
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.RawData.WriteTo(data);
            tensor.RawData = ByteString.Empty;
        }
    }

    static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    byte[] Narrowed(float[] scales) => ScaleType switch
    {
        ElementType.Float16 => MemoryMarshal.AsBytes<Half>([.. scales.Select(s => (Half)s)]).ToArray(),
        ElementType.BFloat16 =>
            MemoryMarshal.AsBytes<ushort>([.. scales.Select(s => (ushort)(BitConverter.SingleToUInt32Bits(s) >> 16))]).ToArray(),
        _ => MemoryMarshal.AsBytes<float>(scales).ToArray(),
    };
}
