using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Generation;

/// <summary>
/// Logits of an ONNX model, loaded as any host of ONNX Runtime loads it: fed with tokens, mask and positions, as far as it takes them, and
/// with pasts that are empty.
/// </summary>
public sealed class OnnxLogits : IDisposable
{
    const string Output = FragmentPorts.Logits;

    readonly InferenceSession session;
    readonly RunOptions runOptions = new();
    readonly string output;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="OnnxRuntimeException">
    /// ONNX Runtime does not load the file: it is damaged, or whoever wrote it is at fault, which may be this project.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// The model does not take <c>input_ids</c>, takes what nothing feeds, or gives no <c>logits</c>.
    /// </exception>
    public OnnxLogits(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist.", path);
        }

        using var options = OrtProcess.DefaultOptions();
        using var denormals = DenormalsAsZero.Enter();
        session = new InferenceSession(path, options);
        output = session.OutputNames is [var only] ? only : Output;
        if (!session.InputNames.Contains(FragmentPorts.InputIds) || !session.InputNames.All(IsFed)
            || !session.OutputNames.Contains(output))
        {
            var found = string.Join(", ", session.InputNames.Concat(session.OutputNames).Order(StringComparer.Ordinal));
            session.Dispose();
            throw new InvalidDataException($"{path} has the inputs and outputs {found}; expected input_ids and logits, "
                + "and beside them attention_mask, position_ids, past… and use_cache_branch at most.");
        }
    }

    /// <summary>Logits after every one of <paramref name="ids"/>: <c>float32 [S, V]</c>, row-major.</summary>
    public float[] All(long[] ids)
    {
        var inputs = session.InputNames.Select(name => Input(name, ids)).ToList();
        try
        {
            using var denormals = DenormalsAsZero.Enter();
            using var outputs = session.Run(runOptions, [.. session.InputNames], inputs, [output]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            inputs.ForEach(i => i.Dispose());
        }
    }

    /// <summary>The logits after the last of <paramref name="ids"/>: <c>float32 [V]</c>.</summary>
    public float[] Next(long[] ids)
    {
        var all = All(ids);
        return all[(all.Length - (all.Length / ids.Length))..];
    }

    public void Dispose()
    {
        runOptions.Dispose();
        session.Dispose();
    }

    static bool IsFed(string name) =>
        name is FragmentPorts.InputIds or FragmentPorts.AttentionMask or FragmentPorts.PositionIds or "use_cache_branch"
        || name.StartsWith("past", StringComparison.Ordinal);

    OrtValue Input(string name, long[] ids) => name switch
    {
        FragmentPorts.InputIds => Row(name, ids),
        FragmentPorts.AttentionMask => Row(name, [.. Enumerable.Repeat(1L, ids.Length)]),
        FragmentPorts.PositionIds => Row(name, [.. Enumerable.Range(0, ids.Length).Select(i => (long)i)]),
        "use_cache_branch" => OrtValue.CreateTensorValueFromMemory(new bool[1], [1]),
        _ => Empty(session.InputMetadata[name], session.InputMetadata[FragmentPorts.InputIds].SymbolicDimensions[0]),
    };

    OrtValue Row(string name, long[] values) => session.InputMetadata[name].ElementType == typeof(int)
        ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (int)v), [1, values.Length])
        : OrtValue.CreateTensorValueFromMemory(values, [1, values.Length]);

    // One row; every other open size is the past's length.
    static OrtValue Empty(NodeMetadata past, string batch)
    {
        var named = batch.Length > 0 && past.SymbolicDimensions.Contains(batch);
        var first = Array.FindIndex(past.Dimensions, d => d < 0);
        long[] shape = [.. past.Dimensions.Select((d, i) => d >= 0 ? d : IsBatch(i) ? 1 : 0)];
        return OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, past.ElementDataType, shape);

        bool IsBatch(int axis) => named ? past.SymbolicDimensions[axis] == batch : axis == first;
    }
}
