using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives;

/// <summary>What a pair loss is a function of; <c>[P]</c> each except the scalars.</summary>
sealed class PairTerms(GraphBuilder b, DataType type, ObjectiveOptions options, FDivergence divergence)
    : LossTerms(b, type, (Dim)2 * "P", options)
{
    Value[]? logps;
    Value[]? lengths;

    public Value PolicyChosenLogps => (logps ??= B.Split(Logps, axis: 0, parts: 2))[0];

    public Value PolicyRejectedLogps => (logps ??= B.Split(Logps, axis: 0, parts: 2))[1];

    public Value RefChosenLogps => Input(LossPorts.RefChosenLogps, new Shape("P"));

    public Value RefRejectedLogps => Input(LossPorts.RefRejectedLogps, new Shape("P"));

    public Value ChosenLengths => (lengths ??= B.Split(Lengths, axis: 0, parts: 2))[0];

    public Value RejectedLengths => (lengths ??= B.Split(Lengths, axis: 0, parts: 2))[1];

    /// <summary>ℓ̄ = ℓ / |y|.</summary>
    public Value ChosenMeanLogps => field ??= B.Div(PolicyChosenLogps, ChosenLengths);

    /// <summary>ℓ̄ = ℓ / |y|.</summary>
    public Value RejectedMeanLogps => field ??= B.Div(PolicyRejectedLogps, RejectedLengths);

    /// <summary>r = policy − reference.</summary>
    public Value ChosenLogRatio => field ??= B.Sub(PolicyChosenLogps, RefChosenLogps);

    /// <summary>r = policy − reference.</summary>
    public Value RejectedLogRatio => field ??= B.Sub(PolicyRejectedLogps, RefRejectedLogps);

    /// <summary>s(r), by the f-divergence.</summary>
    public Value ChosenScore => field ??= Score(ChosenLogRatio);

    /// <summary>s(r), by the f-divergence.</summary>
    public Value RejectedScore => field ??= Score(RejectedLogRatio);

    /// <summary>Δ = s(chosen) − s(rejected).</summary>
    public Value DpoLogit => field ??= B.Sub(ChosenScore, RejectedScore);

    /// <summary>z = βΔ.</summary>
    public Value RewardMargin => field ??= B.Mul(Beta, DpoLogit);

    /// <summary>The same with scores per token.</summary>
    public Value MeanDpoLogit => field ??= B.Sub(B.Div(ChosenScore, ChosenLengths), B.Div(RejectedScore, RejectedLengths));

    /// <summary>1 / (2β), where IPO and SPPO want the difference to be.</summary>
    public Value Target => field ??= B.Div(Number(0.5), Beta);

    Value Score(Value r)
    {
        switch (divergence)
        {
            case FDivergence.ReverseKl:
                return r;
            case FDivergence.ForwardKl:
                return B.Neg(BoundedExp(B.Neg(r)));
            case FDivergence.JsDivergence:
                return B.Neg(NegLogSigmoid(r));
            default:
                var power = B.Sub(Scalar("f_alpha"), Number(1));
                return B.Div(BoundedExp(B.Mul(power, r)), power);
        }
    }
}
