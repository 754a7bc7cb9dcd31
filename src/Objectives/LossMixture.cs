using System.Globalization;

namespace OrtDpo.Objectives;

/// <summary>Reads <c>name[:weight],…</c>.</summary>
static class LossMixture
{
    static readonly Dictionary<string, LossDefinition> ByName = LossTable.All.ToDictionary(l => l.Name, StringComparer.Ordinal);

    // What other tools and papers call them.
    static readonly Dictionary<string, string> Elsewhere = new(StringComparer.Ordinal)
    {
        ["dpo"] = "sigmoid", ["dpo_norm"] = "sigmoid_norm", ["slic"] = "hinge", ["rso"] = "hinge", ["exo"] = "exo_pair",
        ["nca"] = "nca_pair", ["bco"] = "bco_pair", ["sppo"] = "sppo_hard", ["nll"] = "sft", ["kto_pair"] = "kto", ["aot_pair"] = "aot",
    };

    public static IReadOnlyList<WeightedLoss> Parse(string losses)
    {
        var parts = losses.Split(',').Select(Part).ToList();
        if (parts.GroupBy(p => p.Loss.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"`Loss` names {twice.Key} {twice.Count()} times; give it once, with the sum of its weights.");
        }

        var rows = RowsOf(parts);
        return parts.FirstOrDefault(p => !IsDefinedFor(p.Loss, rows)) is { Loss: { } stranger }
            ? throw new ArgumentException(
                $"`Loss` mixes {stranger.Name} and {parts.First(p => p.Loss.Rows == rows).Loss.Name}, which are losses of different rows "
                + $"({Describe(stranger.Rows)}, {Describe(rows)}). Mix losses of the same rows; sft and sft_sequence join losses of pairs.")
            : parts;
    }

    /// <summary>The rows of the first part that is not supervised: imitation joins what is there.</summary>
    public static ObjectiveRows RowsOf(IReadOnlyList<WeightedLoss> parts) =>
        parts.Select(p => p.Loss.Rows).FirstOrDefault(r => r != ObjectiveRows.Supervised, ObjectiveRows.Supervised);

    static bool IsDefinedFor(LossDefinition loss, ObjectiveRows rows) => rows switch
    {
        ObjectiveRows.Pairs => loss.OfPairs is not null,
        ObjectiveRows.Unpaired => loss.OfUnpaired is not null,
        _ => loss.OfSupervised is not null,
    };

    static string Describe(ObjectiveRows rows) => rows switch
    {
        ObjectiveRows.Pairs => "pairs",
        ObjectiveRows.Unpaired => "single completions with labels",
        _ => "completions to imitate",
    };

    static WeightedLoss Part(string text)
    {
        var (name, weight) = text.Split(':') switch
        {
            [var only] => (only.Trim(), "1"),
            [var first, var second] => (first.Trim(), second.Trim()),
            _ => throw new ArgumentException($"`Loss` has '{text}'; expected name or name:weight, such as sft:0.5."),
        };
        var loss = ByName.TryGetValue(name, out var found) ? found : throw new ArgumentException(Unknown(name));
        return double.TryParse(weight, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number > 0 && number < double.PositiveInfinity
            ? new WeightedLoss(loss, number)
            : throw new ArgumentException($"`Loss` gives {name} the weight '{weight}'; it must be a positive number.");
    }

    static string Unknown(string name)
    {
        var lower = name.ToLowerInvariant();
        var meant = Elsewhere.TryGetValue(lower, out var here) ? here : NearestName.Of(lower, ByName.Keys);
        var end = meant is null ? "." : $"; did you mean {meant}?";
        return $"'{name}' is not a loss{end} The losses are {string.Join(", ", ByName.Keys)}.";
    }
}
