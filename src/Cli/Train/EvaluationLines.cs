using System.Globalization;
using OrtDpo.Data;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train;

/// <summary>Evaluations in lines for people.</summary>
static class EvaluationLines
{
    const string Prefix = RunEvaluation.Prefix;
    // All of them are in samples.jsonl.
    const int AnswersShown = 3;
    const int Shown = 80;

    /// <summary>A line for each set of held-out rows.</summary>
    public static IEnumerable<string> Of(int step, MetricsLine metrics)
    {
        foreach (var prefix in Sets(metrics))
        {
            var set = prefix == Prefix ? "" : $" {prefix[Prefix.Length..^1]}";
            yield return Of(step, set, name => metrics.Find(prefix + name));
        }
    }

    /// <summary>The first answers, each with its prompt, shortened.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<SampledAnswer> answers)
    {
        foreach (var answer in answers.Take(AnswersShown))
        {
            yield return $"  {DecodedExample.Quote(Ending(answer.Prompt))}: {DecodedExample.Quote(Beginning(answer.Answer))}";
        }

        if (answers.Count > AnswersShown)
        {
            yield return Text($"  and {answers.Count - AnswersShown} more in {SamplesFile.FileName}");
        }
    }

    /// <summary>Why the run ends before its last step.</summary>
    public static string Of(TrainingEvent.NothingBetter end) =>
        Text($"step {end.Step}: the run ends here, since {end.Evaluations} evaluations in a row were no better by {end.Metric} ")
        + (end.BestStep is { } step ? Text($"(--early-stopping-patience); the best was {end.BestValue:G5} after step {step}")
            : "(--early-stopping-patience); it never was a number");

    // Of each set it is said how many they are; of a part too, behind a slash.
    static IEnumerable<string> Sets(MetricsLine metrics) =>
        from name in metrics.Values.Select(value => value.Key)
        from count in (string[])["pairs", "rows"]
        where name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith($"_{count}", StringComparison.Ordinal)
        select name[..^count.Length];

    static string Of(int step, string set, Func<string, double?> find)
    {
        if (find("rewards/accuracies") is null)
        {
            return Text($"step {step}, held out{set} ({find("rows")} rows): loss {find("loss"):0.0000}")
                + (find("rewards/margins") is { } margin ? Text($", margin {margin:0.0000;-0.0000;0.0000}") : "")
                + (find("kl") is { } kl ? Text($", kl {kl:0.0000}") : "");
        }

        return Text($"step {step}, held out{set} ({find("pairs")} pairs): loss {find("loss"):0.0000}, ")
            + Text($"reward accuracy {Share(find, "rewards/accuracies")}, ties {find("rewards/ties"):0.000}, ")
            // The third form is that of a number that rounds to zero: without it, a margin's rounding error has a sign.
            + Text($"margin {find("rewards/margins"):0.0000;-0.0000;0.0000}, ")
            + Text($"preference accuracy {Share(find, "preference_accuracy")}");
    }

    static string Share(Func<string, double?> find, string name) =>
        Text($"{find(name):0.000} ({find(name + "_low"):0.000} to {find(name + "_high"):0.000})");

    static string Beginning(string text) => text.Length <= Shown ? text : text[..Shown] + "…";

    static string Ending(string text) => text.Length <= Shown ? text : "…" + text[^Shown..];

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
