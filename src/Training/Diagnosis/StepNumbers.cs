using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>What a step's line of metrics says, as far as rules read it; NaN = it does not say, or no finite number.</summary>
readonly record struct StepNumbers(int Step, double Loss, double Margin, double Accuracy, double GradNorm, double Skipped)
{
    public static StepNumbers Of(MetricsLine line) => new(
        (int)line["step"], line.Finite("loss"), line.Finite("rewards/margins"), line.Finite("rewards/accuracies"),
        line.Finite("grad_norm"), line.Finite("skipped_steps"));
}
