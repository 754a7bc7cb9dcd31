using System.Globalization;

namespace OrtDpo.Data.Inspection;

/// <summary>Warnings about the labels of unpaired feedback.</summary>
static class FeedbackWarnings
{
    // Of fewer rows with a label no test can say much.
    const int FewestToCompare = 5;

    internal static IEnumerable<Warning> Contradictions(IReadOnlyList<InspectedRow> rows)
    {
        var labelled = rows.Select(row => (row.Text.Prompt, row.Completion, row.IsDesirable)).ToHashSet();
        return Warning.OfRows(
            "contradictory_labels",
            rows.Where(row => labelled.Contains((row.Text.Prompt, row.Completion, !row.IsDesirable))),
            "another row has the same prompt and the same completion with the other label; one of the two is labelled wrongly");
    }

    internal static IEnumerable<Warning> OneLabel(IReadOnlyList<InspectedRow> rows)
    {
        foreach (var split in rows.GroupBy(row => row.Split).Where(split => split.DistinctBy(row => row.IsDesirable).Count() == 1))
        {
            var (what, consequence) = split.Key == Split.Train
                ? ("for training", "KTO learns from the difference between the labels, and here is none")
                : ("held out", "their figures say nothing about the other label");
            var label = split.First().IsDesirable ? "desirable" : "undesirable";
            yield return Warning.OfAll("one_label", split.Count() == 1
                ? $"the only row {what} is {label}: {consequence}"
                : FormattableString.Invariant($"all {split.Count()} rows {what} are {label}: {consequence}"));
        }
    }

    internal static IEnumerable<Warning> UnbalancedLabels(IReadOnlyList<InspectedRow> rows)
    {
        var trained = rows.Where(row => row.Split == Split.Train).ToList();
        var desirable = trained.Where(row => row.IsDesirable).Sum(row => row.Copies);
        var balance = new LabelBalance(desirable, trained.Sum(row => row.Copies) - desirable);
        if (balance.Desirable == 0 || balance.Undesirable == 0 || balance.IsBalanced)
        {
            yield break;
        }

        var options = new[]
        {
            $"`DesirableWeight` {Bounds(balance.DesirableWeights)}",
            $"`UndesirableWeight` {Bounds(balance.UndesirableWeights)}",
        };
        var (first, second) = balance.Desirable < balance.Undesirable ? (options[0], options[1]) : (options[1], options[0]);
        yield return Warning.OfAll("unbalanced_labels", FormattableString.Invariant(
            $"{balance.Desirable} desirable and {balance.Undesirable} undesirable rows are trained on, and KTO's authors advise ")
            + $"1 to 4/3 desirable for each undesirable one, weighted: pass {first}, or {second}");
    }

    // The rows are no pairs, so all couples of a desirable and an undesirable completion are compared: a rank test.
    internal static IEnumerable<Warning> LengthBias(IReadOnlyList<InspectedRow> rows)
    {
        var (desirable, undesirable) = (Lengths(rows, true), Lengths(rows, false));
        if (Math.Min(desirable.Count, undesirable.Count) < FewestToCompare)
        {
            yield break;
        }

        var isLonger = RankInterval.Of(desirable, undesirable).Share >= 0.5;
        var (longer, shorter) = isLonger ? (desirable, undesirable) : (undesirable, desirable);
        var (one, other) = isLonger ? ("a desirable", "an undesirable") : ("an undesirable", "a desirable");
        var (share, low, high) = RankInterval.Of(longer, shorter);
        if (share >= PairWarnings.MuchLonger && low > 0.5)
        {
            yield return Warning.OfAll("length_bias",
                $"{one} completion is longer than {other} one "
                + FormattableString.Invariant($"in {100 * share:0} % of all couples (95 % within {100 * low:0} to {100 * high:0}), ")
                + FormattableString.Invariant($"{longer.Average():0} against {shorter.Average():0} tokens on average: ")
                + $"the model learns to write {(isLonger ? "more" : "less")}");
        }
    }

    static List<int> Lengths(IReadOnlyList<InspectedRow> rows, bool desirable) =>
        [.. rows.Where(row => row.IsDesirable == desirable).Select(row => row.CompletionTokens.Length)];

    // Three digits, rounded to the inside.
    static string Bounds((double Low, double High) bounds) => string.Create(
        CultureInfo.InvariantCulture, $"{Rounded(bounds.Low, Math.Ceiling):G4} to {Rounded(bounds.High, Math.Floor):G4}");

    static double Rounded(double value, Func<double, double> round)
    {
        var scale = Math.Pow(10, 2 - Math.Floor(Math.Log10(value)));
        // What is a round number but for the last bit stays one.
        return (Math.Abs((value * scale) - Math.Round(value * scale)) < 1e-9 ? Math.Round(value * scale) : round(value * scale)) / scale;
    }
}
