using System.Text.Json;
using OrtDpo.Batches;

namespace OrtDpo.Data.Inspection;

/// <summary>Warnings about rows of any kind.</summary>
static class DataWarnings
{
    // Shares from which on a person should know.
    const double MuchTruncated = 0.05;
    const double FewOfAll = 0.02;
    const double MostOfAll = 0.9;

    internal static IEnumerable<Warning> Empty(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "empty",
        rows.Where(row => row.Encoded.Drop is DropReason.EmptyPrompt
            or DropReason.EmptyCompletion or DropReason.EmptyChosen or DropReason.EmptyRejected),
        "an empty prompt or completion; dropped");

    internal static IEnumerable<Warning> MissingEos(IReadOnlyList<InspectedRow> rows, IReadOnlyList<int> endIds) => endIds.Count == 0
        ? [Warning.OfAll("missing_eos", "the tokenizer names no end-of-sequence token: the model does not learn to stop")]
        : Warning.OfRows(
            "missing_eos",
            rows.Where(row => row.Completions.Any(completion => !endIds.Contains(completion[^1]))),
            "a completion does not end with the end-of-sequence token, mostly because it was cut; it does not teach the model to stop");

    internal static IEnumerable<Warning> DoubledBos(IReadOnlyList<InspectedRow> rows, int? bosId) => Warning.OfRows(
        "doubled_bos",
        rows.Where(row => row.Encoded.Tokens!.Prompt is [var first, var second, ..] && first == bosId && second == bosId),
        "the prompt begins with two beginning-of-sequence tokens; the text writes one and the tokenizer adds another");

    internal static IEnumerable<Warning> Truncated(IReadOnlyList<InspectedRow> rows)
    {
        var cut = rows.Where(row => row.Encoded.Cut.Sum() > 0).ToList();
        return cut.Count < MuchTruncated * rows.Count
            ? []
            : Warning.OfRows(
                "truncated",
                cut,
                FormattableString.Invariant($"cut at their end, {100.0 * cut.Count / rows.Count:0} % of all; is `MaxLength` too small?"));
    }

    // Held-out files are small by intention.
    internal static IEnumerable<Warning> UnbalancedSources(IReadOnlyList<InspectedRow> all)
    {
        var rows = all.Where(row => row.Split == Split.Train).ToList();
        var count = rows.Sum(row => row.Copies);
        var sources = rows.AggregateBy(row => row.Text.Source, 0, (sum, row) => sum + row.Copies)
            .OrderByDescending(source => source.Value)
            .ToList();
        if (sources.Count < 2)
        {
            yield break;
        }

        var ((largest, most), (smallest, fewest)) = (sources[0], sources[^1]);
        var unit = rows[0].Text.Known.Kind == RowKind.Pair ? "pairs" : "rows";
        if (most >= MostOfAll * count || fewest <= FewOfAll * count)
        {
            yield return Warning.OfAll("unbalanced_sources", FormattableString.Invariant(
                $"{largest} gives {100.0 * most / count:0.#} % of the {unit} and {smallest} {100.0 * fewest / count:0.#} %: ")
                + "the smaller one hardly counts (`Weights` says otherwise)");
        }
    }

    internal static IEnumerable<Warning> TemplateLosses(IReadOnlyList<InspectedRow> rows)
    {
        var losing = rows.Where(row => row.Text.Losses.Count > 0).DistinctBy(row => row.Id).ToList();
        foreach (var kind in Enum.GetValues<TemplateLossKind>())
        {
            var concerned = losing.Where(row => row.Text.Losses.Any(loss => loss.Kind == kind)).ToList();
            var losses = concerned.SelectMany(row => row.Text.Losses).Where(loss => loss.Kind == kind).ToList();
            var lost = losses.Count == 0 ? 0 : 1 - ((double)losses.Sum(loss => (long)loss.Kept) / losses.Sum(loss => (long)loss.Of));
            foreach (var warning in Warning.OfRows(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()), concerned, TemplateLossText.Of(kind, lost)))
            {
                yield return warning;
            }
        }
    }
}
