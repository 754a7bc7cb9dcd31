using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OrtDpo.HostsBench;

/// <summary>Plain ONNX Runtime: the cache of a step is the past of the next, with no copy between.</summary>
sealed class PlainHost(string folder) : IHost
{
    readonly InferenceSession session = new(Path.Combine(folder, "model.onnx"));

    public IEnumerable<int> Continue(int[] prompt, int tokens)
    {
        string[] pasts = [.. session.InputNames.Where(name => name.StartsWith("past_key_values.", StringComparison.Ordinal))];
        string[] outputs = ["logits", .. pasts.Select(name => name.Replace("past_key_values", "present", StringComparison.Ordinal))];
        var past = pasts.Select(Empty).ToList();
        long[] ids = [.. prompt.Select(id => (long)id)];
        var length = 0;
        try
        {
            for (var made = 0; made < tokens; made++)
            {
                using var input = OrtValue.CreateTensorValueFromMemory(ids, [1, ids.Length]);
                using var places = OrtValue.CreateTensorValueFromMemory(
                    Enumerable.Range(length, ids.Length).Select(place => (long)place).ToArray(), [1, ids.Length]);
                length += ids.Length;
                using var mask = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1L, length).ToArray(), [1, length]);
                using var options = new RunOptions();
                var results = session.Run(
                    options, ["input_ids", "attention_mask", "position_ids", .. pasts], [input, mask, places, .. past], outputs);
                past.ForEach(value => value.Dispose());
                past = [.. results.Skip(1)];
                using var logits = results[0];
                var next = Likeliest(logits, ids.Length);
                ids = [next];
                yield return next;
            }
        }
        finally
        {
            past.ForEach(value => value.Dispose());
        }
    }

    public void Dispose() => session.Dispose();

    // After the last of the tokens.
    static int Likeliest(OrtValue logits, int tokens) => logits.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Float => TensorPrimitives.IndexOfMax(Last(logits.GetTensorDataAsSpan<float>(), tokens)),
        TensorElementType.Float16 =>
            TensorPrimitives.IndexOfMax(Last(MemoryMarshal.Cast<Float16, Half>(logits.GetTensorDataAsSpan<Float16>()), tokens)),
        var type => throw new NotSupportedException($"The logits are {type}; float32 and float16 are read here."),
    };

    static ReadOnlySpan<T> Last<T>(ReadOnlySpan<T> logits, int tokens) => logits[^(logits.Length / tokens)..];

    OrtValue Empty(string name)
    {
        var input = session.InputMetadata[name];
        return OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, input.ElementDataType, [1, input.Dimensions[1], 0, input.Dimensions[3]]);
    }
}
