using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Quantization.Tests;

/// <summary>Runs one operator of ONNX Runtime on the CPU; all its operands are inputs and none is a constant.</summary>
static class OperatorRun
{
    /// <summary>The first output, float32.</summary>
    /// <param name="type">An operator of com.microsoft.</param>
    /// <param name="attributes">Its integers.</param>
    /// <param name="inputs">Arrays of float, byte or long, each with its shape.</param>
    public static float[] Of(string type, (string Name, long Value)[] attributes, params (Array Data, long[] Shape)[] inputs)
    {
        var node = new NodeProto { OpType = type, Domain = "com.microsoft", Output = { "y" } };
        node.Attribute.AddRange(attributes.Select(a =>
            new AttributeProto { Name = a.Name, I = a.Value, Type = AttributeProto.Types.AttributeType.Int }));
        var graph = new GraphProto { Name = type, Node = { node }, Output = { Tensor("y", TensorElementType.Float, []) } };

        // Any shape: it is not said.
        graph.Output[0].Type.TensorType.Shape = null;
        string[] names = [.. inputs.Select((_, i) => $"x{i}")];
        node.Input.AddRange(names);
        graph.Input.AddRange(inputs.Zip(names, (input, name) => Tensor(name, TypeOf(input.Data), input.Shape)));
        var model = new ModelProto
        {
            IrVersion = 10, Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Version = 21 }, new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 } },
        };

        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(model.ToByteArray(), options);
        using var runOptions = new RunOptions();
        var values = inputs.Select(Value).ToArray();
        using var results = session.Run(runOptions, names, values, ["y"]);
        var found = results[0].GetTensorDataAsSpan<float>().ToArray();
        foreach (var value in values)
        {
            value.Dispose();
        }

        return found;
    }

    static ValueInfoProto Tensor(string name, TensorElementType type, long[] shape)
    {
        var dimensions = shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size });
        return new()
        {
            Name = name,
            Type = new() { TensorType = new() { ElemType = (int)type, Shape = new() { Dim = { dimensions } } } },
        };
    }

    static TensorElementType TypeOf(Array data) => data switch
    {
        float[] => TensorElementType.Float,
        byte[] => TensorElementType.UInt8,
        _ => TensorElementType.Int64,
    };

    static OrtValue Value((Array Data, long[] Shape) input) => input.Data switch
    {
        float[] data => OrtValue.CreateTensorValueFromMemory(data, input.Shape),
        byte[] data => OrtValue.CreateTensorValueFromMemory(data, input.Shape),
        _ => OrtValue.CreateTensorValueFromMemory((long[])input.Data, input.Shape),
    };
}
