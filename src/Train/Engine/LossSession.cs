using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Objectives;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Training;

namespace OrtDpo.Train.Engine;

/// <summary>
/// An objective's graph, from log-probabilities of completions to the loss and its derivatives: a few nodes on a few numbers, so in
/// float64. A sum of a thousand nats has steps of 6e-5 in float32, as large as what a step of training moves;
/// in float64 nothing of the cache's precision is lost.
/// </summary>
public sealed class LossSession : ILoss
{
    readonly Objective objective;
    readonly MemoryPool pool = new();
    readonly OnnxGraph forwardGraph;
    readonly OnnxGraph backwardGraph;
    readonly GraphSession forward;
    readonly GraphSession backward;

    public LossSession(Objective objective)
    {
        this.objective = objective;
        Traits = TraitsOf(objective);
        // Nothing is saved: repeating the whole objective costs less than handing values over.
        var gradient = FragmentGradient.Build(objective.Build(DataType.Float64), [LossPorts.Loss], [LossPorts.Logps], [], keep: false);
        (forwardGraph, backwardGraph) = (gradient.Forward, gradient.Backward);
        forward = new GraphSession(forwardGraph);
        backward = new GraphSession(backwardGraph);
    }

    public LossTraits Traits { get; }

    public static LossSession Sigmoid(double beta) => new(Objective.Parse("sigmoid", new ObjectiveOptions { Beta = beta }));

    public static LossSession Supervised() => new(Objective.Parse("sft"));

    public LossValues Evaluate(LossInputs inputs, LossScales scales)
    {
        var forward = Feeds(forwardGraph, inputs, scales);
        var outputs = this.forward.Run(forward, pool);
        var backward = Feeds(backwardGraph, inputs, scales);
        var gradients = this.backward.Run(backward, pool);
        var rewards = Traits.Rows switch
        {
            RowKind.Pair when outputs.ContainsKey(LossPorts.ChosenReward) =>
                [.. Read(LossPorts.ChosenReward), .. Read(LossPorts.RejectedReward)],
            RowKind.Unpaired => Read(LossPorts.Reward),
            _ => [],
        };
        var slopes = Numbers(gradients[FragmentGradient.Gradient(LossPorts.Logps)]);
        var values = new LossValues(outputs[LossPorts.Loss].ToArray<double>()[0], rewards, slopes);
        forward.DisposeAll();
        backward.DisposeAll();
        outputs.DisposeAll();
        gradients.DisposeAll();
        pool.EndStep();
        return values;

        float[] Read(string name) => Numbers(outputs[name]);
    }

    public void Dispose()
    {
        forward.Dispose();
        backward.Dispose();
        pool.Dispose();
    }

    /// <summary>The rows that an objective takes, in the words of the data.</summary>
    public static RowKind RowsOf(Objective objective) => objective.Rows switch
    {
        ObjectiveRows.Pairs => RowKind.Pair,
        ObjectiveRows.Unpaired => RowKind.Unpaired,
        _ => RowKind.Supervised,
    };

    static LossTraits TraitsOf(Objective objective) => new()
    {
        Rows = RowsOf(objective),
        NeedsReference = objective.NeedsReference,
        IsStepWide = objective.Scope == ObjectiveScope.Step,
        NeedsKl = objective.NeedsKl,
        Beta = (float)(objective.Beta ?? 0),
        LdAlpha = (float)(objective.LdAlpha ?? 1),
        BaseLoss = objective.BaseLoss,
        HasNll = objective.HasNll,
    };

    Dictionary<string, DeviceTensor> Feeds(OnnxGraph graph, LossInputs inputs, LossScales scales) =>
        graph.Inputs.ToDictionary(v => v.Name, v => Feed(v.Name, inputs, scales), StringComparer.Ordinal);

    DeviceTensor Feed(string name, LossInputs inputs, LossScales scales) => name switch
    {
        LossPorts.Logps => Vector(inputs.Logps),
        LossPorts.Lengths => Vector([.. inputs.Lengths.Select(n => (double)n)]),
        LossPorts.RefLogps => Vector(inputs.RefLogps),
        LossPorts.RefChosenLogps => Vector(inputs.RefLogps.AsSpan(0, inputs.Pairs)),
        LossPorts.RefRejectedLogps => Vector(inputs.RefLogps.AsSpan(inputs.Pairs)),
        LossPorts.Labels => Vector([.. inputs.Labels.Select(x => (double)x)]),
        LossPorts.Kl => Scalar(inputs.Kl),
        LossPorts.LossScale => Scalar(scales.Rows),
        LossPorts.TokenScale => Scalar(scales.Tokens),
        _ when name == FragmentGradient.Gradient(LossPorts.Loss) => Scalar(1),
        _ => Scalar(objective.Scalars[name]),
    };

    DeviceTensor Scalar(double value) => DeviceTensor.From<double>(pool, DataType.Float64, [value]);

    DeviceTensor Vector(ReadOnlySpan<double> values) => DeviceTensor.From(pool, DataType.Float64, values, values.Length);

    static float[] Numbers(DeviceTensor tensor) => Array.ConvertAll(tensor.ToArray<double>(), x => (float)x);
}
