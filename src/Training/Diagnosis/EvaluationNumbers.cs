using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>What an evaluation's line of metrics says, as far as rules read it; NaN = it does not say, or no finite number.</summary>
/// <param name="Step">After how many steps.</param>
/// <param name="Prefix">What the names begin with: <c>eval_</c>, or where all sets have names that of the first.</param>
sealed record EvaluationNumbers(int Step, string Prefix)
{
    public double Loss { get; private init; }

    public double Margin { get; private init; }

    public double Accuracy { get; private init; }

    public double AccuracyLow { get; private init; }

    public double AccuracyHigh { get; private init; }

    public double Ties { get; private init; }

    public double Pairs { get; private init; }

    public double ChosenLogps { get; private init; }

    /// <summary>Mean over completions of policy − reference, nats.</summary>
    public double KlK1 { get; private init; }

    /// <summary>Mean over completions of the mean over tokens of policy − reference, nats.</summary>
    public double MeanLogRatio { get; private init; }

    /// <summary>Mean over completions of Σ (r − 1 − log r), r = reference / policy, nats.</summary>
    public double KlK3 { get; private init; }

    /// <summary>Correlation of margins with length differences.</summary>
    public double LengthBias { get; private init; }

    /// <summary>Reads a line; null: it is of a step of training.</summary>
    public static EvaluationNumbers? Of(MetricsLine line)
    {
        // The loss is the first of a set's numbers.
        var loss = line.Find("eval_loss") is null ? line.Values.Select(value => value.Key).FirstOrDefault(IsLoss) : "eval_loss";
        if (loss is null)
        {
            return null;
        }

        var prefix = loss[..^"loss".Length];
        return new EvaluationNumbers((int)line["step"], prefix)
        {
            Loss = Number("loss"),
            Margin = Number("rewards/margins"),
            Accuracy = Number("rewards/accuracies"),
            AccuracyLow = Number("rewards/accuracies_low"),
            AccuracyHigh = Number("rewards/accuracies_high"),
            Ties = Number("rewards/ties"),
            Pairs = Number("pairs"),
            ChosenLogps = Number("logps/chosen"),
            KlK1 = Number("kl_k1"),
            MeanLogRatio = Number("mean_log_ratio"),
            KlK3 = Number("kl_k3"),
            LengthBias = Number("length_bias"),
        };

        double Number(string name) => line.Finite(prefix + name);
    }

    static bool IsLoss(string name) =>
        name.StartsWith("eval_", StringComparison.Ordinal) && name.EndsWith("loss", StringComparison.Ordinal);
}
