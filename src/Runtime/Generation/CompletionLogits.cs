using OrtDpo.Models;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Runtime.Generation;

/// <summary>What a model says of every token of its vocabulary at each place of given completions.</summary>
public static class CompletionLogits
{
    /// <summary>
    /// Runs the completions one after the other and hands out, of each, the logits that predict its tokens: <c>float32 [tokens, V]</c>,
    /// row-major, unnormalized.
    /// </summary>
    /// <param name="model">A model that is open, for its longest sequence; it outlives the call. Computed in float32.</param>
    /// <param name="texts">Prompts, each with a completion; neither is empty.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="offload">What of the weights lies in the host's memory, where the device is another.</param>
    /// <param name="read">Given the completion's number and its logits.</param>
    /// <exception cref="NotSupportedException">
    /// The device has too little memory, or what is to lie in the host's memory cannot.
    /// </exception>
    public static void Read(
        ModelFolder model, IReadOnlyList<(int[] Prompt, int[] Completion)> texts, int threads, ChosenDevice device, OffloadChoice offload,
        Action<int, float[]> read)
    {
        Sessions.OrtProcess.Start(threads);
        var (longest, last) = (texts.Max(LengthOf), texts.Max(text => text.Completion.Length));
        var place = ForwardPlace.Of(device, offload, "Reading whole distributions", budget => ForwardMemory.Choose(
            model, budget, offload, tokenizer: 0, way => FragmentLogits.Plan(model, longest, budget.Device, way, last)));
        using var pool = new MemoryPool(place.Device);
        using var parameters = ModelParameters.Of(model, pool, offload: place.Offload);
        using var logits = new FragmentLogits(parameters, pool, keeps: false);
        foreach (var (i, text) in texts.Index())
        {
            // The last token predicts none of the completion.
            long[] ids = [.. text.Prompt.Concat(text.Completion).SkipLast(1).Select(id => (long)id)];
            read(i, logits.Last(ids, text.Completion.Length));
        }
    }

    static int LengthOf((int[] Prompt, int[] Completion) text) => text.Prompt.Length + text.Completion.Length - 1;
}
