using OrtDpo.Cli.CommandLine;
using static OrtDpo.Cli.Train.Display.ProgressText;

namespace OrtDpo.Cli.Train.Display;

/// <summary>A run on a terminal: a few lines for so many columns, of which as much is shown as has room.</summary>
static class TrainingPanel
{
    const int LabelWidth = 10;
    const int NumberWidth = 8;

    // Longer ones say no more.
    const int LongestCurve = 60;

    /// <summary>The lines, those that matter most first where there are fewer rows.</summary>
    /// <param name="run">Where the run stands.</param>
    /// <param name="memory">What it takes; null: it is not known.</param>
    /// <param name="size">What there is room for.</param>
    public static IReadOnlyList<string> Lines(TrainingProgress run, RunMemory? memory, TerminalSize size)
    {
        var (width, height, isUnicode) = size;
        List<string?> lines =
        [
            Join(Text($"step {run.Step} of {run.Plan.TotalSteps}"), width, Left(run) ?? $"{DurationText.Of(run.Elapsed)} so far",
                Text($"epoch {run.Plan.EpochAfter(run.Step):0.00}"), run.Left is null ? null : $"{DurationText.Of(run.Elapsed)} so far"),
            Bar(run, width, isUnicode),
            Curve("loss", run.Loss, Loss, width, isUnicode),
            Curve("accuracy", run.Accuracy, Accuracy, width, isUnicode),
            Evaluation(run, width),
            Speed(run, width),
            Saved(run, width),
            memory is null ? null : Labelled("memory", width, [.. memory.Parts()]),
        ];
        return [.. lines.OfType<string>().Take(Math.Max(1, height))];
    }

    static string Bar(TrainingProgress run, int width, bool isUnicode)
    {
        var share = (double)run.Step / run.Plan.TotalSteps;
        var percent = Text($" {Math.Floor(share * 1000) / 10:0.0} %");
        var columns = Math.Max(1, width - percent.Length);
        var full = (int)(share * columns);
        return new string(isUnicode ? '━' : '#', full) + new string(isUnicode ? '─' : '.', columns - full) + percent;
    }

    static string? Curve(string label, Curve curve, Func<double, string> number, int width, bool isUnicode)
    {
        if (curve.Last is not { } last)
        {
            return null;
        }

        var columns = Math.Min(LongestCurve, width - LabelWidth - NumberWidth);
        var head = label.PadRight(LabelWidth) + number(last).PadRight(NumberWidth);
        return columns <= 0 ? head.TrimEnd() : head + Sparkline.Of(curve.Means(columns), isUnicode);
    }

    static string Speed(TrainingProgress run, int width) => run.Rates.Pairs is not { } pairs
        ? Labelled("speed", width, "the first step is being made")
        : Labelled(
            "speed", width, $"{Rate(pairs)} {Unit(run)}/s", $"{Rate(run.Rates.Tokens!.Value)} tokens/s",
            Text($"gradient norm {run.Last!["grad_norm"]:G3}"), Text($"learning rate {run.Last!["learning_rate"]:G3}"));

    static string? Evaluation(TrainingProgress run, int width)
    {
        var next = run.IsEvaluating ? "scored again now" : run.NextEvaluation is { } step ? Text($"next at step {step}") : null;
        if (run.Evaluated is not { Metrics: var metrics } evaluated)
        {
            return next is null ? null : Labelled("held out", width, run.IsEvaluating ? "scored now" : next);
        }

        var accuracy = metrics.Find("eval_rewards/accuracies") ?? metrics.Find("eval_mean_token_accuracy");
        return Labelled(
            "held out", width, Text($"step {evaluated.Step}"),
            metrics.Find("eval_loss") is { } loss ? $"loss {Loss(loss)}" : null,
            accuracy is { } share ? $"accuracy {Accuracy(share)}" : null,
            next,
            metrics.Find("eval_rewards/margins") is { } margin ? Text($"margin {margin:0.000;-0.000;0.000}") : null);
    }

    static string Saved(TrainingProgress run, int width) => Labelled(
        "saved", width,
        run.SavedStep is { } step ? Text($"step {step}, {DurationText.Of(run.SinceSaved)} ago") : "nothing yet",
        run.NextCheckpoint is { } next ? Text($"next at step {next}") : null,
        run.Plan.Options.Checkpoints.SaveMinutes is { } minutes ? Text($"or every {minutes:0.##} min") : null);

    static string Labelled(string label, int width, params IReadOnlyList<string?> parts) =>
        label.PadRight(LabelWidth) + Join(parts[0]!, width - LabelWidth, [.. parts.Skip(1)]);

    // As many parts as have room, the first in any case.
    static string Join(string first, int width, params IEnumerable<string?> more)
    {
        var line = first;
        foreach (var part in more.OfType<string>())
        {
            if (line.Length + 2 + part.Length > width)
            {
                break;
            }

            line += $", {part}";
        }

        return line;
    }
}
