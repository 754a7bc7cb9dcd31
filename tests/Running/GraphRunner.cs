using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Testing.Running;

/// <summary>Runs lowered graphs in ONNX Runtime on one thread.</summary>
static class GraphRunner
{
    public static IReadOnlyDictionary<string, Tensor> Run(OnnxGraph graph, IReadOnlyDictionary<string, Tensor> feeds)
    {
        using var session = Open(graph);
        return Run(session, [.. graph.Inputs.Select(v => v.Name)], feeds);
    }

    /// <summary>A session for a graph that is run many times.</summary>
    public static InferenceSession Open(OnnxGraph graph)
    {
        // No optimizations: the oracle is the graph as written, and fusions such as QuickGelu have no double kernel.
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
        };
        return new InferenceSession(OnnxModelWriter.ToBytes(graph), options);
    }

    public static IReadOnlyDictionary<string, Tensor> Run(
        InferenceSession session, string[] inputs, IReadOnlyDictionary<string, Tensor> feeds)
    {
        var values = inputs.Select(name => OrtValueOf(feeds[name])).ToArray();
        using var runOptions = new RunOptions();
        using var results = session.Run(runOptions, inputs, values, session.OutputNames);
        var outputs = session.OutputNames.Zip(results, (name, value) => (name, TensorOf(value))).ToDictionary();
        foreach (var value in values)
        {
            value.Dispose();
        }

        return outputs;
    }

    static OrtValue OrtValueOf(Tensor tensor) => tensor.Data switch
    {
        float[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Sizes),
        double[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Sizes),
        long[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Sizes),
        bool[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Sizes),
        _ => throw new InvalidOperationException($"Tensors of {tensor.Data.GetType()} cannot be fed."),
    };

    static Tensor TensorOf(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var type = (DataType)(int)info.ElementDataType;
        Array data = type switch
        {
            DataType.Float32 => value.GetTensorDataAsSpan<float>().ToArray(),
            DataType.Float64 => value.GetTensorDataAsSpan<double>().ToArray(),
            DataType.Int64 => value.GetTensorDataAsSpan<long>().ToArray(),
            DataType.Bool => value.GetTensorDataAsSpan<bool>().ToArray(),
            _ => throw new InvalidOperationException($"Outputs of type {type} are not read."),
        };
        return new Tensor(type, info.Shape, data);
    }
}
