using Google.Protobuf;

namespace OrtDpo.Autodiff.Onnx;

/// <summary>
/// A model with its weights in the same file. Protobuf's own writer would need each weight as a managed byte string; lengths are therefore
/// added up beforehand and the weights' bytes written between.
/// </summary>
static class InlineModel
{
    public static void Write(Stream stream, ModelProto model, GraphProto graph, IReadOnlyList<Initializer> initializers)
    {
        var weights = initializers.Select(i => (Header: Header(i), Weight: i)).ToList();
        var graphSize = graph.CalculateSize()
            + weights.Sum(w => FieldSize(GraphProto.InitializerFieldNumber, TensorSize(w.Header, w.Weight)));
        using var output = new CodedOutputStream(stream, leaveOpen: true);
        model.WriteTo(output);
        Field(output, ModelProto.GraphFieldNumber, graphSize);
        graph.WriteTo(output);
        foreach (var (header, weight) in weights)
        {
            Field(output, GraphProto.InitializerFieldNumber, TensorSize(header, weight));
            header.WriteTo(output);
            Field(output, TensorProto.RawDataFieldNumber, weight.Bytes);
            output.Flush();
            NativeBytes.Write(stream, weight.Data, weight.Bytes);
        }
    }

    static TensorProto Header(Initializer weight) => new() { Name = weight.Name, DataType = (int)weight.Type, Dims = { weight.Shape } };

    static long TensorSize(TensorProto header, Initializer weight) =>
        header.CalculateSize() + FieldSize(TensorProto.RawDataFieldNumber, weight.Bytes);

    static long FieldSize(int field, long length) =>
        CodedOutputStream.ComputeTagSize(field) + CodedOutputStream.ComputeLengthSize((int)length) + length;

    static void Field(CodedOutputStream output, int field, long length)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteLength(checked((int)length));
    }
}
