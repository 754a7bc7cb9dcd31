using OrtDpo.Core.Metrics;

namespace OrtDpo.Core.Data.Inspection;

/// <summary>Warnings about the data as a whole.</summary>
public static class DataWarnings
{
    // Shares from which on a person should know.
    const double MuchTruncated = 0.05;
    const double MuchLonger = 0.6;
    const double FewOfAll = 0.02;
    const double MostOfAll = 0.9;

    /// <summary>All of them.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="bosId">The beginning-of-sequence token, where the tokenizer has one.</param>
    /// <param name="eosId">The end-of-sequence token, where the tokenizer has one.</param>
    public static IEnumerable<Warning> Of(IReadOnlyList<InspectedRow> rows, int? bosId, int? eosId)
    {
        var kept = rows.Where(row => row.Encoded.Tokens is not null).ToList();
        return kept.Count == 0
            ? []
            : [.. LengthBias(kept), .. MissingEos(kept, eosId), .. DoubledBos(kept, bosId), .. Truncated(kept), .. Unbalanced(kept)];
    }

    static IEnumerable<Warning> LengthBias(List<InspectedRow> rows)
    {
        var chosenLonger = rows.Count(row => row.Encoded.Tokens!.Chosen.Length > row.Encoded.Tokens.Rejected.Length);
        var rejectedLonger = rows.Count(row => row.Encoded.Tokens!.Chosen.Length < row.Encoded.Tokens.Rejected.Length);
        var (most, which, other) = chosenLonger >= rejectedLonger ? (chosenLonger, "chosen", "rejected") : (rejectedLonger, "rejected", "chosen");
        var different = chosenLonger + rejectedLonger;
        if (different == 0)
        {
            yield break;
        }

        var (low, high) = WilsonInterval.Of(most, different);
        if ((double)most / different >= MuchLonger && low > 0.5)
        {
            var (mean, otherMean) = (Mean(rows, which), Mean(rows, other));
            yield return Warning.OfAll("length_bias", FormattableString.Invariant(
                $"{which} is the longer one in {100.0 * most / different:0} % of the pairs (95 % within {100 * low:0} to {100 * high:0}), ")
                + FormattableString.Invariant($"{mean:0} against {otherMean:0} tokens on average: ")
                + $"the model learns to write {(which == "chosen" ? "more" : "less")}");
        }
    }

    static double Mean(List<InspectedRow> rows, string which) =>
        rows.Average(row => which == "chosen" ? row.Encoded.Tokens!.Chosen.Length : row.Encoded.Tokens!.Rejected.Length);

    static IEnumerable<Warning> MissingEos(List<InspectedRow> rows, int? eosId)
    {
        if (eosId is null)
        {
            return [Warning.OfAll("missing_eos", "the tokenizer names no end-of-sequence token: the model does not learn to stop")];
        }

        return Warning.OfRows(
            "missing_eos",
            [.. rows.Where(row => row.Encoded.Tokens!.Chosen[^1] != eosId || row.Encoded.Tokens.Rejected[^1] != eosId).Select(row => row.Id)],
            "a completion does not end with the end-of-sequence token, mostly because it was cut; it does not teach the model to stop");
    }

    static IEnumerable<Warning> DoubledBos(List<InspectedRow> rows, int? bosId) => Warning.OfRows(
        "doubled_bos",
        [.. rows.Where(row => row.Encoded.Tokens!.Prompt is [var first, var second, ..] && first == bosId && second == bosId).Select(row => row.Id)],
        "the prompt begins with two beginning-of-sequence tokens; the text writes one and the tokenizer adds another");

    static IEnumerable<Warning> Truncated(List<InspectedRow> rows)
    {
        var cut = rows.Where(row => row.Encoded.ChosenCut + row.Encoded.RejectedCut > 0).Select(row => row.Id).ToList();
        return cut.Count < MuchTruncated * rows.Count
            ? []
            : Warning.OfRows(
                "truncated", cut, FormattableString.Invariant($"cut at their end, {100.0 * cut.Count / rows.Count:0} % of all; is --max-length too small?"));
    }

    static IEnumerable<Warning> Unbalanced(List<InspectedRow> rows)
    {
        var sources = rows.CountBy(row => row.Text.Source).OrderByDescending(source => source.Value).ToList();
        var ((largest, most), (smallest, fewest)) = (sources[0], sources[^1]);
        if (sources.Count > 1 && (most >= MostOfAll * rows.Count || fewest <= FewOfAll * rows.Count))
        {
            yield return Warning.OfAll("unbalanced_sources", FormattableString.Invariant(
                $"{largest} gives {100.0 * most / rows.Count:0.#} % of the pairs and {smallest} {100.0 * fewest / rows.Count:0.#} %: ")
                + "the smaller one hardly counts");
        }
    }
}
