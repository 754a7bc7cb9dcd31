using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Runtime.Generation;

/// <summary>Next-token logits of a Hugging Face folder, from the same layers that train.</summary>
public sealed class FragmentLogits : IDisposable
{
    readonly ModelParameters parameters;
    readonly MemoryPool pool = new();
    readonly Fragment logits;
    readonly BodySessions body;
    readonly FragmentSession logitsSession;

    /// <summary>Reads parameters that outlive this.</summary>
    public FragmentLogits(ModelParameters parameters)
    {
        this.parameters = parameters;
        var model = parameters.Model;
        logits = model.Logits();
        body = new BodySessions(parameters, model.EmbedStacked(), model.Layers());
        logitsSession = new FragmentSession(logits.Graph);
    }

    /// <summary>The logits after the last of <paramref name="ids"/>: <c>float32 [V]</c>.</summary>
    public float[] Next(long[] ids)
    {
        var inputs = new Dictionary<string, NativeTensor>(StringComparer.Ordinal)
        {
            [FragmentPorts.InputIds] = Row(ids),
            [FragmentPorts.AttentionMask] = Row([.. Enumerable.Repeat(1L, ids.Length)]),
            [FragmentPorts.PositionIds] = Row([.. Enumerable.Range(0, ids.Length).Select(i => (long)i)]),
        };
        var hidden = body.Run(inputs, pool);
        inputs.DisposeAll();
        var size = parameters.Model.Sizes.HiddenSize;
        using var last = NativeTensor.From<float>(pool, DataType.Float32, hidden.Span<float>()[^size..], 1, 1, size);
        hidden.Dispose();
        var outputs = logitsSession.Run(this.logits.ParameterNames, parameters, new() { [FragmentPorts.Hidden] = last }, pool);
        using var logits = outputs[FragmentPorts.Logits];
        pool.EndStep();
        return logits.Span<float>().ToArray();
    }

    public void Dispose()
    {
        body.Dispose();
        logitsSession.Dispose();
        pool.Dispose();
    }

    NativeTensor Row(long[] values) => NativeTensor.From<long>(pool, DataType.Int64, values, 1, values.Length);
}
