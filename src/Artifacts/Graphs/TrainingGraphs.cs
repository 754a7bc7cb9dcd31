using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Gradients;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Models.Decoders;
using OrtDpo.Objectives;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>
/// A model and its loss as the graphs that ONNX Runtime's on-device training runs: a step with gradients, and one without. Which inputs
/// and outputs they have: docs/on-device.md.
/// </summary>
public sealed class TrainingGraphs
{
    TrainingGraphs(OnnxGraph training, OnnxGraph eval) => (Training, Eval) = (training, eval);

    /// <summary>
    /// The training model. Inputs: the user's, the parameters, the buffers of those that train, <c>lazy_reset_grad</c>; outputs:
    /// <c>loss</c>, <c>token_logps</c>, <c>logps</c>, the rewards, <c>grad_norm</c>, and that each gradient was accumulated.
    /// </summary>
    public OnnxGraph Training { get; }

    /// <summary>The same without gradients. Where the loss is outside, it has none, and no slopes.</summary>
    public OnnxGraph Eval { get; }

    /// <summary>Builds both.</summary>
    /// <param name="model">The model, in float32; with an adapter, what <see cref="DecoderModel.Trains"/> says trains.</param>
    /// <param name="objective">What is minimised; null: the derivatives of a loss outside are an input.</param>
    /// <param name="maxLength">The longest prompt with a completion, in tokens.</param>
    /// <exception cref="NotSupportedException">The model holds what ONNX Runtime 1.19.2 cannot train; the message says what.</exception>
    public static TrainingGraphs Of(DecoderModel model, Objective? objective, int maxLength)
    {
        var (b, outputs, gradients) = Differentiate(model, objective, maxLength);
        var trained = Trained(model);
        var buffers = trained.ToDictionary(
            name => name, name => b.Input(ArtifactPorts.Buffer(name), DataType.Float32, gradients[name].Shape), StringComparer.Ordinal);
        var overwrites = b.Input(ArtifactPorts.LazyResetGrad, DataType.Bool, new Shape(1));
        var done = new List<(string, Value)>();
        Value? squares = null;
        foreach (var name in trained)
        {
            using var scope = b.Scope($"accumulate/{name}");
            var (written, accumulated) = b.AccumulateInPlace(buffers[name], gradients[name], overwrites);
            done.Add((ArtifactPorts.Accumulated(name), written));
            var square = b.Cast(b.Add("ReduceSumSquare", [accumulated], Attributes.None.With("keepdims", 0L)), DataType.Float64);
            squares = squares is null ? square : b.Add(squares, square);
        }

        var norm = b.Cast(b.Sqrt(squares!), DataType.Float32);
        var training = b.Build([.. outputs, (ArtifactPorts.GradNorm, norm), .. done], pruneInputs: true).Lower(LoweringKind.OnDevice);
        var eval = Forward(model, objective, maxLength).Lower(LoweringKind.OnDevice);
        Require(training, model);
        Require(eval, model);
        return new TrainingGraphs(training, eval);
    }

    /// <summary>The names of the parameters that train, in the order of the graphs' inputs.</summary>
    public static IReadOnlyList<string> Trained(DecoderModel model) =>
        [.. model.Parameters.Select(p => p.Name).Where(model.Trains)];

    /// <summary>The forward pass and the gradients of what trains, before anything accumulates.</summary>
    internal static (GraphBuilder Builder, IReadOnlyList<(string Name, Value Value)> Outputs, IReadOnlyDictionary<string, Value> Gradients)
        Differentiate(DecoderModel model, Objective? objective, int maxLength)
    {
        var (composition, loss, outputs) = Compose(model, objective, maxLength, hasSlopes: true);
        var b = composition.Builder;
        var trained = Trained(model);
        var gradients = Backpropagation.Append(
            b, [(loss!, b.Scalar(1, loss!.Type))], [.. trained.Select(name => composition.Parameters[name])]);
        return (b, outputs, trained.ToDictionary(
            name => name,
            name => gradients.Total(b, composition.Parameters[name]) ?? throw new NotSupportedException(
                $"Parameter '{name}' of the {model.Family} model changes no log-probability, so it has no gradient to train by."),
            StringComparer.Ordinal));
    }

    static OnnxGraph Forward(DecoderModel model, Objective? objective, int maxLength)
    {
        var (composition, _, outputs) = Compose(model, objective, maxLength, hasSlopes: false);
        return composition.Builder.Build(outputs, pruneInputs: true);
    }

    static (Composition Composition, Value? Loss, IReadOnlyList<(string Name, Value Value)> Outputs) Compose(
        DecoderModel model, Objective? objective, int maxLength, bool hasSlopes)
    {
        if (objective is not null)
        {
            var composed = new ComposedObjective(objective, model.Type);
            var scored = ScoredModel.OfCompletions(model, maxLength, composed.Completions, composed.Declare);
            var (loss, outputs) = composed.Write(scored.Builder, scored[FragmentPorts.TokenLogps]);
            return (scored, loss, outputs);
        }

        Value? slopes = null;
        var composition = ScoredModel.OfCompletions(
            model, maxLength, completions: null,
            b => slopes = hasSlopes ? b.Input(ArtifactPorts.Slopes, model.Type, new Shape("R", "T")) : null);
        var (builder, tokenLogps) = (composition.Builder, composition[FragmentPorts.TokenLogps]);
        var sum = slopes is null ? null : builder.ReduceSum(builder.Mul(slopes, tokenLogps));
        return (composition, sum,
        [
            .. sum is null ? [] : new[] { (LossPorts.Loss, sum) },
            (FragmentPorts.TokenLogps, tokenLogps),
            (LossPorts.Logps, Sums(builder, tokenLogps)),
        ]);
    }

    // A sum of a thousand nats has steps of 6e-5 in float32; of float64 it is rounded once.
    static Value Sums(GraphBuilder b, Value tokenLogps) =>
        b.Cast(b.ReduceSum(b.Cast(tokenLogps, DataType.Float64), keepDims: false, -1), tokenLogps.Type);

    // A session of the runtime may have several threads, and only one operator that adds at indices does so on one.
    static void Require(OnnxGraph graph, DecoderModel model)
    {
        if (graph.Nodes.FirstOrDefault(n => n.Op == "ScatterND" && n.Attributes.String("reduction") is not (null or "none")) is { } racing)
        {
            throw new NotSupportedException($"The gradient of the {model.Family} model needs {racing}, which adds at indices that may "
                + "repeat, and ONNX Runtime 1.19.2 loses numbers there. Train it with the step engine.");
        }

        var missing = model.Parameters.Select(p => p.Name).Except(graph.Inputs.Select(v => v.Name), StringComparer.Ordinal);
        if (missing.FirstOrDefault() is { } unread)
        {
            throw new NotSupportedException($"Parameter '{unread}' of the {model.Family} model is read by no part of its graph, and ONNX "
                + "Runtime's training asks for each. Remove it from the model.");
        }
    }
}
