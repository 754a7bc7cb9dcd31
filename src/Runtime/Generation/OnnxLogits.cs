using Microsoft.ML.OnnxRuntime;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Generation;

/// <summary>Logits of an exported <c>model.onnx</c>, loaded as any host of ONNX Runtime loads it.</summary>
public sealed class OnnxLogits : IDisposable
{
    readonly InferenceSession _session;
    readonly RunOptions _runOptions = new();

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The model does not take <c>input_ids</c>, <c>attention_mask</c>, <c>position_ids</c> or give <c>logits</c>.</exception>
    public OnnxLogits(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist.", path);
        }

        using var options = OrtProcess.DefaultOptions();
        _session = new InferenceSession(path, options);
        var found = string.Join(", ", _session.InputNames.Concat(_session.OutputNames).Order(StringComparer.Ordinal));
        const string expected = "attention_mask, input_ids, logits, position_ids";
        if (found != expected)
        {
            _session.Dispose();
            throw new InvalidDataException($"{path} has the inputs and outputs {found}; expected {expected}.");
        }
    }

    /// <summary>Logits after every one of <paramref name="ids"/>: <c>float32 [S, V]</c>, row-major.</summary>
    public float[] All(long[] ids)
    {
        long[] shape = [1, ids.Length];
        using var inputIds = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using var attention = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1L, ids.Length).ToArray(), shape);
        using var positions = OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, ids.Length).Select(i => (long)i).ToArray(), shape);
        using var outputs = _session.Run(
            _runOptions, ["input_ids", "attention_mask", "position_ids"], [inputIds, attention, positions], ["logits"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>The logits after the last of <paramref name="ids"/>: <c>float32 [V]</c>.</summary>
    public float[] Next(long[] ids)
    {
        var all = All(ids);
        return all[(all.Length - (all.Length / ids.Length))..];
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }
}
