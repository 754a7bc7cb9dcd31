using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Artifacts.Tests.Graphs;

/// <summary>What a model's file says, as a loader of ONNX reads it.</summary>
sealed class WrittenModel(byte[] bytes)
{
    public ModelProto Proto { get; } = ModelProto.Parser.ParseFrom(bytes);

    public string[] Inputs => [.. Proto.Graph.Input.Select(v => v.Name)];

    public string[] Outputs => [.. Proto.Graph.Output.Select(v => v.Name)];

    public static WrittenModel Of(OnnxGraph graph) => new(OnnxModelWriter.ToBytes(graph));

    /// <summary>A type as text: <c>Float32 [2*P, T]</c>.</summary>
    public string TypeOf(string name)
    {
        var type = Proto.Graph.Input.Concat(Proto.Graph.Output).Single(v => v.Name == name).Type;
        return type.SequenceType is { } sequence
            ? $"sequence of {(DataType)sequence.ElemType.TensorType.ElemType}"
            : $"{(DataType)type.TensorType.ElemType} [{string.Join(", ", SizesOf(name))}]";
    }

    /// <summary>The sizes of an input or output: numbers or symbols.</summary>
    public string[] SizesOf(string name) =>
    [
        .. Proto.Graph.Input.Concat(Proto.Graph.Output).Single(v => v.Name == name).Type.TensorType.Shape.Dim
            .Select(dim => dim.DimParam.Length > 0 ? dim.DimParam : $"{dim.DimValue}"),
    ];
}
