using OrtDpo.Graph.Building;
using OrtDpo.Graph.Fragments;
using OrtDpo.Graph.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Runtime.Generation;

/// <summary>Next-token logits of a Hugging Face folder, from the same layers that train.</summary>
public sealed class FragmentLogits : IDisposable
{
    readonly ModelParameters _parameters;
    readonly MemoryPool _pool = new();
    readonly Fragment _embed;
    readonly Fragment _logits;
    readonly Fragment[] _layers;
    readonly FragmentSession _embedSession;
    readonly FragmentSession _layerSession;
    readonly FragmentSession _logitsSession;

    /// <summary>Reads parameters that outlive this.</summary>
    public FragmentLogits(ModelParameters parameters)
    {
        _parameters = parameters;
        var model = new LlamaModel(parameters.Config);
        var layer = model.Layer();
        _embed = model.EmbedStacked();
        _logits = model.Logits();
        _layers = [.. Enumerable.Range(0, parameters.Config.NumHiddenLayers).Select(i => LlamaModel.LayerAt(layer, i))];
        _embedSession = new FragmentSession(_embed.Graph);
        _layerSession = new FragmentSession(layer);
        _logitsSession = new FragmentSession(_logits.Graph);
    }

    /// <summary>The logits after the last of <paramref name="ids"/>: <c>float32 [V]</c>.</summary>
    public float[] Next(long[] ids)
    {
        using var inputIds = NativeTensor.From<long>(_pool, DataType.Int64, ids, 1, ids.Length);
        using var attention = NativeTensor.Rent(_pool, DataType.Int64, 1, ids.Length);
        attention.Span<long>().Fill(1);
        using var positions = NativeTensor.From<long>(_pool, DataType.Int64, [.. Enumerable.Range(0, ids.Length).Select(i => (long)i)], 1, ids.Length);

        var embedded = _embedSession.Run(_embed.ParameterNames, _parameters, new() { ["input_ids"] = inputIds, ["attention_mask"] = attention }, _pool);
        var (hidden, mask) = (embedded["hidden"], embedded["mask"]);
        foreach (var layer in _layers)
        {
            var outputs = _layerSession.Run(layer.ParameterNames, _parameters, new()
            {
                ["hidden"] = hidden, ["mask"] = mask, ["position_ids"] = positions,
                ["rope_cos"] = _parameters.RopeCos, ["rope_sin"] = _parameters.RopeSin,
            }, _pool);
            hidden.Dispose();
            hidden = outputs["hidden_out"];
        }

        mask.Dispose();
        using var last = NativeTensor.From<float>(_pool, DataType.Float32, hidden.Span<float>()[^_parameters.Config.HiddenSize..], 1, 1, _parameters.Config.HiddenSize);
        hidden.Dispose();
        using var logits = _logitsSession.Run(_logits.ParameterNames, _parameters, new() { ["hidden"] = last }, _pool)["logits"];
        _pool.EndStep();
        return logits.Span<float>().ToArray();
    }

    public void Dispose()
    {
        _embedSession.Dispose();
        _layerSession.Dispose();
        _logitsSession.Dispose();
        _pool.Dispose();
    }
}
