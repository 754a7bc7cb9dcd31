using OrtDpo.Core.Batches;
using OrtDpo.Graph.Fragments;
using OrtDpo.Graph.Models;
using OrtDpo.Graph.Weights;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Models;

/// <summary>
/// Scores packed batches with a model: the forward pass of precompute, evaluation and the step-0 gate. The fragments run one after the other,
/// so the memory does not grow with the depth.
/// </summary>
public sealed class PairScorer : IDisposable
{
    readonly ModelParameters _parameters;
    readonly bool _ownsParameters;
    readonly Fragment _embed;
    readonly Fragment _head;
    readonly Fragment[] _layers;
    readonly FragmentSession _embedSession;
    readonly FragmentSession _layerSession;
    readonly FragmentSession _headSession;
    readonly MemoryPool _pool;

    /// <summary>Scores with parameters that outlive the scorer.</summary>
    public PairScorer(ModelParameters parameters, MemoryPool pool)
        : this(parameters, pool, ownsParameters: false)
    {
    }

    PairScorer(ModelParameters parameters, MemoryPool pool, bool ownsParameters)
    {
        _parameters = parameters;
        _pool = pool;
        _ownsParameters = ownsParameters;
        var model = new LlamaModel(parameters.Config);
        _embed = model.Embed();
        _head = model.Head();
        var layer = model.Layer();
        _layers = [.. Enumerable.Range(0, parameters.Config.NumHiddenLayers).Select(i => LlamaModel.LayerAt(layer, i))];
        _embedSession = new FragmentSession(_embed.Graph);
        _layerSession = new FragmentSession(layer);
        _headSession = new FragmentSession(_head.Graph);
    }

    /// <summary>Opens a model folder to score with, on <paramref name="threads"/> threads.</summary>
    public static PairScorer Load(string modelFolder, int threads)
    {
        OrtProcess.Start(threads);
        return new PairScorer(ModelParameters.Open(modelFolder, WeightMapping.ReadOnly), new MemoryPool(), ownsParameters: true);
    }

    public LlamaConfig Config => _parameters.Config;

    /// <summary><c>float32 [R, T]</c>: the log-probability of each completion token in nats, 0 where padded.</summary>
    public float[] Score(PackedBatch batch)
    {
        using var tensors = new BatchTensors(batch, _pool);
        using var hidden = Hidden(tensors);
        var logps = new float[batch.CompletionMask.Length];
        foreach (var (start, count) in CompletionChunks.Of(tensors.Scored, Config.VocabSize))
        {
            var inputs = tensors.CompletionInputs(start, count);
            inputs["hidden"] = hidden;
            var outputs = _headSession.Run(_head.ParameterNames, _parameters, inputs, _pool);
            tensors.Scatter(outputs["token_logps"].Span<float>(), start, logps);
            inputs.Remove("hidden");
            inputs.DisposeAll();
            outputs.DisposeAll();
        }

        _pool.EndStep();
        return logps;
    }

    public void Dispose()
    {
        _embedSession.Dispose();
        _layerSession.Dispose();
        _headSession.Dispose();
        if (_ownsParameters)
        {
            _parameters.Dispose();
            _pool.Dispose();
        }
    }

    NativeTensor Hidden(BatchTensors batch)
    {
        var embedded = _embedSession.Run(
            _embed.ParameterNames, _parameters, new() { ["input_ids"] = batch.InputIds, ["segment_ids"] = batch.SegmentIds }, _pool);
        var (hidden, mask) = (embedded["hidden"], embedded["mask"]);
        foreach (var layer in _layers)
        {
            var outputs = _layerSession.Run(layer.ParameterNames, _parameters, new()
            {
                ["hidden"] = hidden, ["mask"] = mask, ["position_ids"] = batch.PositionIds,
                ["rope_cos"] = _parameters.RopeCos, ["rope_sin"] = _parameters.RopeSin,
            }, _pool);
            hidden.Dispose();
            hidden = outputs["hidden_out"];
        }

        mask.Dispose();
        return hidden;
    }
}
