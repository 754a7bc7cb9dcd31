using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>The metric that says which evaluation is the best.</summary>
/// <param name="Name">As <c>metrics.jsonl</c> has it.</param>
/// <param name="GreaterIsBetter">Whether a higher number is the better one.</param>
public sealed record BestMetric(string Name, bool GreaterIsBetter)
{
    // By what their names end with, behind a set's or a part's.
    static readonly string[] Higher =
    [
        "rewards/accuracies", "rewards/accuracies_low", "rewards/accuracies_high", "rewards/margins", "rewards/chosen", "logps/chosen",
        "preference_accuracy", "preference_accuracy_low", "preference_accuracy_high", "mean_token_accuracy",
    ];

    static readonly string[] Lower = ["loss", "nll_loss", "perplexity", "kl_k3"];

    /// <summary>The metric that options ask for.</summary>
    /// <exception cref="ArgumentException">Nothing says in which direction it is better.</exception>
    public static BestMetric Of(EvaluationOptions options)
    {
        var given = options.MetricForBest ?? "loss";
        var name = given.StartsWith(RunEvaluation.Prefix, StringComparison.Ordinal) ? given : RunEvaluation.Prefix + given;
        return new BestMetric(name, options.GreaterIsBetter ?? Known(name) ?? throw new ArgumentException(
            $"`MetricForBest` is {given}, whose name does not say whether more of it is better. Add `GreaterIsBetter`."));
    }

    /// <summary>Whether <paramref name="value"/> is better than <paramref name="other"/>; what is no number never is.</summary>
    public bool IsBetter(double value, double other) => GreaterIsBetter ? value > other : value < other;

    static bool? Known(string name) => Ends(name, Higher) ? true : Ends(name, Lower) ? false : null;

    static bool Ends(string name, string[] known) => Array.Exists(
        known, end => name.EndsWith(end, StringComparison.Ordinal) && (name.Length == end.Length || name[^(end.Length + 1)] is '_' or '/'));
}
