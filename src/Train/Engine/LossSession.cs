using OrtDpo.Core.Data;
using OrtDpo.Core.Training;
using OrtDpo.Graph.Building;
using OrtDpo.Graph.Fragments;
using OrtDpo.Graph.Objectives;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Train.Engine;

/// <summary>An objective's graph, from log-probabilities of completions to the loss and its derivatives: a few nodes on a few numbers.</summary>
public sealed class LossSession : ILoss
{
    readonly MemoryPool _pool = new();
    readonly GraphSession _forward;
    readonly GraphSession _backward;

    LossSession(OnnxGraph loss, LossTraits traits)
    {
        Traits = traits;
        // Nothing is saved: repeating the whole objective costs less than handing values over.
        var gradient = FragmentGradient.Build(loss, ["loss"], ["token_logps"], [], keep: false);
        _forward = new GraphSession(gradient.Forward);
        _backward = new GraphSession(gradient.Backward);
    }

    public LossTraits Traits { get; }

    public static LossSession Sigmoid(float beta) => new(
        LossGraphs.Pairs(SigmoidLoss.PairLoss), new() { Rows = RowKind.Pair, NeedsReference = true, Beta = beta, BaseLoss = Math.Log(2) });

    public static LossSession Supervised() => new(LossGraphs.Supervised(), new() { Rows = RowKind.Supervised, NeedsReference = false });

    public LossValues Evaluate(LossInputs inputs, LossScales scales)
    {
        var tensors = Tensors(inputs, scales);
        var outputs = _forward.Run(tensors, _pool);
        tensors[FragmentGradient.Gradient("loss")] = Scalar(1);
        var gradients = _backward.Run(tensors, _pool);
        var values = new LossValues(
            outputs["loss"].Span<float>()[0],
            Traits.Rows == RowKind.Pair ? [.. outputs["chosen_reward"].Span<float>(), .. outputs["rejected_reward"].Span<float>()] : [],
            gradients[FragmentGradient.Gradient("token_logps")].Span<float>().ToArray());
        tensors.DisposeAll();
        outputs.DisposeAll();
        gradients.DisposeAll();
        _pool.EndStep();
        return values;
    }

    public void Dispose()
    {
        _forward.Dispose();
        _backward.Dispose();
        _pool.Dispose();
    }

    Dictionary<string, NativeTensor> Tensors(LossInputs inputs, LossScales scales)
    {
        var tensors = new Dictionary<string, NativeTensor>(StringComparer.Ordinal)
        {
            ["token_logps"] = NativeTensor.From<float>(_pool, DataType.Float32, [.. inputs.Logps.Select(x => (float)x)], inputs.Logps.Length, 1),
            ["loss_scale"] = Scalar((float)(Traits.Rows == RowKind.Supervised ? scales.Tokens : scales.Rows)),
        };
        if (Traits.Rows == RowKind.Pair)
        {
            tensors["beta"] = Scalar(Traits.Beta);
            tensors["ref_chosen_logps"] = Vector(inputs.RefLogps.AsSpan(0, inputs.Pairs));
            tensors["ref_rejected_logps"] = Vector(inputs.RefLogps.AsSpan(inputs.Pairs));
        }

        return tensors;
    }

    NativeTensor Scalar(float value) => NativeTensor.From<float>(_pool, DataType.Float32, [value]);

    NativeTensor Vector(ReadOnlySpan<double> values)
    {
        var tensor = NativeTensor.Rent(_pool, DataType.Float32, values.Length);
        var span = tensor.Span<float>();
        for (var i = 0; i < values.Length; i++)
        {
            span[i] = (float)values[i];
        }

        return tensor;
    }
}
