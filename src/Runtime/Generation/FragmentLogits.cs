using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Runtime.Generation;

/// <summary>Next-token logits of a Hugging Face folder, from the same layers that train.</summary>
public sealed class FragmentLogits : IDisposable
{
    readonly ModelParameters _parameters;
    readonly MemoryPool _pool = new();
    readonly Fragment _logits;
    readonly BodySessions _body;
    readonly FragmentSession _logitsSession;

    /// <summary>Reads parameters that outlive this.</summary>
    public FragmentLogits(ModelParameters parameters)
    {
        _parameters = parameters;
        var model = parameters.Model;
        _logits = model.Logits();
        _body = new BodySessions(parameters, model.EmbedStacked(), model.Layers());
        _logitsSession = new FragmentSession(_logits.Graph);
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
        var hidden = _body.Run(inputs, _pool);
        inputs.DisposeAll();
        var size = _parameters.Model.Sizes.HiddenSize;
        using var last = NativeTensor.From<float>(_pool, DataType.Float32, hidden.Span<float>()[^size..], 1, 1, size);
        hidden.Dispose();
        var outputs = _logitsSession.Run(_logits.ParameterNames, _parameters, new() { [FragmentPorts.Hidden] = last }, _pool);
        using var logits = outputs[FragmentPorts.Logits];
        _pool.EndStep();
        return logits.Span<float>().ToArray();
    }

    public void Dispose()
    {
        _body.Dispose();
        _logitsSession.Dispose();
        _pool.Dispose();
    }

    NativeTensor Row(long[] values) => NativeTensor.From<long>(_pool, DataType.Int64, values, 1, values.Length);
}
