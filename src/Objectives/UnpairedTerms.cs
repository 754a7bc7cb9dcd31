using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives;

/// <summary>What a loss of single, labelled completions is a function of; <c>[R]</c> each except the scalars.</summary>
sealed class UnpairedTerms(GraphBuilder b, DataType type, ObjectiveOptions options) : LossTerms(b, type, "R", options)
{
    /// <summary>r = policy − reference.</summary>
    public Value LogRatio => field ??= B.Sub(Logps, Input(LossPorts.RefLogps, new Shape("R")));

    /// <summary>1 where desirable, 0 where not.</summary>
    public Value Labels => Input(LossPorts.Labels, new Shape("R"));

    /// <summary>The estimate of KL(policy, reference) on mismatched rows, at least 0 and without gradient: a scalar.</summary>
    public Value Kl => Scalar(LossPorts.Kl);

    /// <summary>1 where desirable, −1 where not.</summary>
    public Value Sign => field ??= B.Sub(B.Mul(Number(2), Labels), Number(1));

    /// <summary>λ_D where desirable, λ_U where not.</summary>
    public Value Weight => field ??= B.Add(
        B.Mul(Labels, Scalar("desirable_weight")), B.Mul(B.Sub(Number(1), Labels), Scalar("undesirable_weight")));
}
