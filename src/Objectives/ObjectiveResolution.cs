using System.Globalization;

namespace OrtDpo.Objectives;

/// <summary>Checks the modifiers against the losses and fills in what is not given: what has no effect is an error.</summary>
static class ObjectiveResolution
{
    // Nearer to 1 than this, the alpha-divergence's score is a quotient of rounding errors; its limit is the reverse KL.
    const double AlphaIsOne = 1e-6;

    static readonly Dictionary<string, FDivergence> Divergences = new(StringComparer.Ordinal)
    {
        ["reverse_kl"] = FDivergence.ReverseKl,
        ["forward_kl"] = FDivergence.ForwardKl,
        ["js_divergence"] = FDivergence.JsDivergence,
        ["alpha_divergence"] = FDivergence.AlphaDivergence,
    };

    public static (ObjectiveOptions Resolved, FDivergence Divergence) Resolve(IReadOnlyList<WeightedLoss> parts, ObjectiveOptions given)
    {
        var used = parts.Aggregate(Modifiers.None, (all, p) => all | p.Loss.Uses);
        foreach (var modifier in Modifier.All)
        {
            if (modifier.Of(given) is { } value)
            {
                Check(parts, used, modifier, value);
            }
        }

        var divergence = Divergence(parts, used, given);
        CheckLengthDesensitization(parts, given);
        CheckMissing(parts, used, given);
        // What no part uses is not given: the checks above refused it.
        var resolved = Modifier.All.Aggregate(
            given,
            (options, modifier) => modifier.Default is { } number && used.HasFlag(modifier.Flag) && modifier.Of(options) is null
                ? modifier.With(options, number)
                : options) with
        {
            Beta = used.HasFlag(Modifiers.Beta) ? given.Beta ?? Beta(parts) : null,
            FAlpha = divergence == FDivergence.AlphaDivergence ? given.FAlpha ?? 0.5 : null,
        };
        return resolved is { FAlpha: { } alpha } && Math.Abs(alpha - 1) < AlphaIsOne
            ? (resolved with { FAlpha = null }, FDivergence.ReverseKl)
            : (resolved, divergence);
    }

    static void Check(IReadOnlyList<WeightedLoss> parts, Modifiers used, Modifier modifier, double value)
    {
        RefuseInert(parts, used, modifier.Flag, modifier.Property);
        if (!double.IsFinite(value) || !modifier.IsInRange(value))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"`{modifier.Property}` is {value}; it must be {modifier.Range}."));
        }
    }

    static void RefuseInert(IReadOnlyList<WeightedLoss> parts, Modifiers used, Modifiers flag, string property)
    {
        if (!used.HasFlag(flag))
        {
            var names = string.Join(", ", parts.Select(p => p.Loss.Name));
            var ignore = parts.Count == 1 ? $"{names} does not use it" : $"none of {names} uses it";
            throw new ArgumentException($"`{property}` has no effect: {ignore}. Losses that do: {UsersOf(flag)}.");
        }
    }

    static FDivergence Divergence(IReadOnlyList<WeightedLoss> parts, Modifiers used, ObjectiveOptions given)
    {
        var divergence = FDivergence.ReverseKl;
        if (given.FDivergence is { } name)
        {
            RefuseInert(parts, used, Modifiers.FDivergence, nameof(ObjectiveOptions.FDivergence));
            divergence = Divergences.TryGetValue(name, out var known)
                ? known
                : throw new ArgumentException($"`FDivergence` is '{name}'; it must be one of {string.Join(", ", Divergences.Keys)}.");
        }

        return given.FAlpha is null || divergence == FDivergence.AlphaDivergence
            ? divergence
            : throw new ArgumentException("`FAlpha` has no effect without `FDivergence` alpha_divergence.");
    }

    // The sums of a mix are weighted once, for all of its parts: no part may want them as they are.
    static void CheckLengthDesensitization(IReadOnlyList<WeightedLoss> parts, ObjectiveOptions given)
    {
        if (given.LdAlpha is not null && parts.FirstOrDefault(p => !p.Loss.Uses.HasFlag(Modifiers.LdAlpha)) is { Loss: { } loss })
        {
            throw new ArgumentException(
                $"`LdAlpha` weights the tokens of every part, and {loss.Name} is not a function of weighted sums. "
                + $"Losses that are: {UsersOf(Modifiers.LdAlpha)}.");
        }
    }

    static void CheckMissing(IReadOnlyList<WeightedLoss> parts, Modifiers used, ObjectiveOptions given)
    {
        if (parts.FirstOrDefault(p => p.Loss.NeedsLabelSmoothing) is { Loss: { } loss } && given.LabelSmoothing is null or 0)
        {
            throw new ArgumentException(
                $"{loss.Name} needs `LabelSmoothing`, above 0 and below 0.5: the share of pairs whose labels are taken to be flipped.");
        }

        if (used.HasFlag(Modifiers.AlphapoAlpha) && given.AlphapoAlpha is null)
        {
            throw new ArgumentException("alphapo needs `AlphapoAlpha`, typically 0.1 to 0.3; at 0 it would be simpo.");
        }
    }

    static double? Beta(IReadOnlyList<WeightedLoss> parts)
    {
        var defaults = parts.Where(p => p.Loss.Uses.HasFlag(Modifiers.Beta)).GroupBy(p => p.Loss.DefaultBeta).ToList();
        return defaults.Count < 2
            ? defaults.FirstOrDefault()?.Key
            : throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"`Beta` is missing: {defaults[0].First().Loss.Name} takes {defaults[0].Key} by default "
                + $"and {defaults[1].First().Loss.Name} {defaults[1].Key}."));
    }

    static string UsersOf(Modifiers flag) => string.Join(", ", LossTable.All.Where(l => l.Uses.HasFlag(flag)).Select(l => l.Name));
}
