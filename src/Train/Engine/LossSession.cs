using OrtDpo.Core.Training;
using OrtDpo.Graph.Building;
using OrtDpo.Graph.Fragments;
using OrtDpo.Graph.Objectives;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Train.Engine;

/// <summary>The objective, from token log-probabilities to the loss and its gradient: a graph of a few nodes on a few numbers.</summary>
sealed class LossSession : IDisposable
{
    readonly bool _pairs;
    readonly float _beta;
    readonly MemoryPool _pool;
    readonly GraphSession _forward;
    readonly GraphSession _backward;

    public LossSession(OnnxGraph loss, bool pairs, float beta, MemoryPool pool)
    {
        _pairs = pairs;
        _beta = beta;
        _pool = pool;
        // Nothing is saved: repeating the whole objective costs less than handing values over.
        var gradient = FragmentGradient.Build(loss, ["loss"], ["token_logps"], [], keep: false);
        _forward = new GraphSession(gradient.Forward);
        _backward = new GraphSession(gradient.Backward);
    }

    public static LossSession Sigmoid(float beta, MemoryPool pool) => new(LossGraphs.Pairs(SigmoidLoss.PairLoss), pairs: true, beta, pool);

    public static LossSession Supervised(MemoryPool pool) => new(LossGraphs.Supervised(), pairs: false, beta: 0, pool);

    /// <summary>What the graph says of <paramref name="tokenLogps"/> <c>[R, T]</c>.</summary>
    public BatchScores Score(TrainingBatch batch, float[] tokenLogps)
    {
        var inputs = Inputs(batch, tokenLogps, scale: 1);
        var outputs = _forward.Run(inputs, _pool);
        var scores = new BatchScores(
            tokenLogps, Read("logps"), _pairs ? Read("pair_loss").Sum(x => (double)x) : outputs["loss"].Span<float>()[0],
            _pairs ? Read("pair_loss") : [], _pairs ? Read("chosen_reward") : [], _pairs ? Read("rejected_reward") : []);
        inputs.DisposeAll();
        outputs.DisposeAll();
        return scores;

        float[] Read(string name) => outputs[name].Span<float>().ToArray();
    }

    /// <summary>The gradient of the scaled loss with respect to <paramref name="tokenLogps"/>: <c>[R, T]</c>.</summary>
    public float[] Gradient(TrainingBatch batch, float[] tokenLogps, float scale)
    {
        var inputs = Inputs(batch, tokenLogps, scale);
        inputs[FragmentGradient.Gradient("loss")] = Scalar(1);
        var outputs = _backward.Run(inputs, _pool);
        var gradient = outputs[FragmentGradient.Gradient("token_logps")].Span<float>().ToArray();
        inputs.DisposeAll();
        outputs.DisposeAll();
        return gradient;
    }

    public void Dispose()
    {
        _forward.Dispose();
        _backward.Dispose();
    }

    Dictionary<string, NativeTensor> Inputs(TrainingBatch batch, float[] tokenLogps, float scale)
    {
        var packed = batch.Packed;
        var inputs = new Dictionary<string, NativeTensor>(StringComparer.Ordinal)
        {
            ["token_logps"] = NativeTensor.From<float>(_pool, DataType.Float32, tokenLogps, packed.Completions, packed.CompletionWidth),
            ["loss_scale"] = Scalar(scale),
        };
        if (_pairs)
        {
            inputs["beta"] = Scalar(_beta);
            inputs["ref_chosen_logps"] = Vector(batch.RefChosenLogps);
            inputs["ref_rejected_logps"] = Vector(batch.RefRejectedLogps);
        }

        return inputs;
    }

    NativeTensor Scalar(float value) => NativeTensor.From<float>(_pool, DataType.Float32, [value]);

    NativeTensor Vector(double[] values) => NativeTensor.From<float>(_pool, DataType.Float32, [.. values.Select(v => (float)v)], values.Length);
}
