namespace OrtDpo.Objectives.Tests;

/// <summary>Every loss by itself, in every form that changes its formula, with the numbers that it cannot do without.</summary>
static class EveryLoss
{
    public static IReadOnlyList<string> Names { get; } = [.. Objective.Known.Select(l => l.Name)];

    public static IReadOnlySet<string> WithoutBeta { get; } = new HashSet<string> { "sft", "sft_sequence" };

    public static IReadOnlySet<string> NeedingSmoothing { get; } = new HashSet<string> { "cdpo", "robust", "exo_pair" };

    public static IReadOnlySet<string> Smoothed { get; } =
        new HashSet<string>(NeedingSmoothing) { "sigmoid", "aot", "aot_unpaired", "simpo", "alphapo", "cpo" };

    public static IReadOnlySet<string> Divergent { get; } = new HashSet<string>
    {
        "sigmoid", "cdpo", "robust", "hinge", "ipo", "ipo_sum", "exo_pair", "nca_pair", "bco_pair", "sppo_hard", "apo_down", "discopop",
        "sigmoid_norm",
    };

    public static IReadOnlySet<string> OfWeightedSums { get; } =
        new HashSet<string>(Divergent.Except(["ipo", "sigmoid_norm"])) { "aot", "aot_unpaired", "apo_zero", "cpo" };

    public static IReadOnlySet<string> WithRowWeights { get; } = new HashSet<string> { "kto", "apo_zero_unpaired" };

    public static IReadOnlySet<string> WithGamma { get; } = new HashSet<string> { "simpo", "alphapo" };

    /// <summary>Names, with modifiers after a slash: <c>sigmoid/smoothed</c>, <c>nca_pair/forward_kl</c>.</summary>
    public static IReadOnlyList<string> Forms { get; } =
    [
        .. Names,
        .. Smoothed.Except(NeedingSmoothing).Select(n => $"{n}/smoothed"),
        .. Divergent.SelectMany(n => new[] { $"{n}/forward_kl", $"{n}/js_divergence", $"{n}/alpha_divergence" }),
    ];

    /// <summary>What <paramref name="name"/> must be given.</summary>
    public static ObjectiveOptions Needs(string name) => new()
    {
        LabelSmoothing = NeedingSmoothing.Contains(name) ? 0.1 : null,
        AlphapoAlpha = name == "alphapo" ? 0.25 : null,
    };

    public static Objective Of(string form, double beta = 0.7)
    {
        var (name, modifier) = form.Split('/') is [var first, var second] ? (first, second) : (form, "");
        var needs = Needs(name);
        return Objective.Parse(name, needs with
        {
            Beta = WithoutBeta.Contains(name) ? null : beta,
            LabelSmoothing = modifier == "smoothed" ? 0.1 : needs.LabelSmoothing,
            FDivergence = modifier is "" or "smoothed" ? null : modifier,
            DesirableWeight = WithRowWeights.Contains(name) ? 1.5 : null,
        });
    }
}
