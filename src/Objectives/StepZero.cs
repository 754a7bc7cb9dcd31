namespace OrtDpo.Objectives;

/// <summary>The numbers of a loss where the policy is the reference: every log-ratio is 0.</summary>
/// <param name="Beta">β.</param>
/// <param name="LabelSmoothing">ε.</param>
/// <param name="Score">s(0) of the f-divergence: it cancels in differences of sums, but not elsewhere.</param>
/// <param name="DesirableWeight">λ_D.</param>
/// <param name="UndesirableWeight">λ_U.</param>
readonly record struct StepZero(double Beta, double LabelSmoothing, double Score, double DesirableWeight, double UndesirableWeight)
{
    public static readonly double LnTwo = Math.Log(2);

    public double Reward => Beta * Score;

    public static double NegLogSigmoid(double z) => Math.Max(-z, 0) + double.LogP1(Math.Exp(-Math.Abs(z)));
}
