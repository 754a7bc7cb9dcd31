using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Testing.Running;

namespace OrtDpo.Objectives.Tests;

/// <summary>An objective's graph and its gradient graph, run by ONNX Runtime on given numbers.</summary>
sealed class LossRun : IDisposable
{
    readonly Objective objective;
    readonly DataType type;
    readonly InferenceSession forward;
    readonly InferenceSession backward;

    /// <summary>In float64 on the primitive lowering, in float32 on the fused one.</summary>
    public LossRun(Objective objective, DataType type = DataType.Float64)
    {
        this.objective = objective;
        this.type = type;
        var lowering = type == DataType.Float64 ? LoweringKind.Primitive : LoweringKind.Fused;
        var gradient = FragmentGradient.Build(objective.Build(type), ["loss"], ["logps"], [], keep: false);
        forward = GraphRunner.Open(gradient.Forward.Lower(lowering));
        backward = GraphRunner.Open(gradient.Backward.Lower(lowering));
    }

    public void Dispose()
    {
        forward.Dispose();
        backward.Dispose();
    }

    /// <summary>Outputs by name, with <c>logps_grad</c>.</summary>
    /// <param name="vectors">Vectors by name; more than the graph wants is fine.</param>
    /// <param name="scalars">Scalars beside the objective's own; loss_scale and token_scale are 1 where absent.</param>
    public Dictionary<string, double[]> Run(
        IReadOnlyDictionary<string, double[]> vectors, IReadOnlyDictionary<string, double>? scalars = null)
    {
        var numbers = new Dictionary<string, double>(objective.Scalars) { ["loss_scale"] = 1, ["token_scale"] = 1, ["loss_grad"] = 1 };
        foreach (var (name, value) in scalars ?? new Dictionary<string, double>())
        {
            numbers[name] = value;
        }

        var feeds = vectors.ToDictionary(v => v.Key, v => Tensor.Of(type, [v.Value.Length], v.Value));
        foreach (var (name, value) in numbers)
        {
            feeds[name] = Tensor.Of(type, [], [value]);
        }

        return Outputs(forward, feeds).Concat(Outputs(backward, feeds)).ToDictionary(o => o.Key, o => o.Value.Numbers());
    }

    /// <summary>The vectors of a batch of pairs.</summary>
    public static Dictionary<string, double[]> PairVectors(
        double[] chosen, double[] rejected, double[] refChosen, double[] refRejected,
        double[]? chosenLengths = null, double[]? rejectedLengths = null) => new()
        {
            ["logps"] = [.. chosen, .. rejected],
            ["ref_chosen_logps"] = refChosen,
            ["ref_rejected_logps"] = refRejected,
            ["lengths"] = [.. chosenLengths ?? [.. chosen.Select(_ => 1.0)], .. rejectedLengths ?? [.. rejected.Select(_ => 1.0)]],
        };

    static IReadOnlyDictionary<string, Tensor> Outputs(InferenceSession session, Dictionary<string, Tensor> feeds) =>
        GraphRunner.Run(session, [.. session.InputNames], feeds);
}
