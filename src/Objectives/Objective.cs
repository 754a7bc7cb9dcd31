using System.Globalization;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives;

/// <summary>
/// What a run minimises: one loss, or a weighted sum of several (the weights are not normalised), with its numbers. Its graph is a
/// function of the completions' log-probabilities and of the scalars in <see cref="Scalars"/>; it declares only what it needs.
/// </summary>
public sealed class Objective
{
    readonly IReadOnlyList<WeightedLoss> parts;
    readonly ObjectiveOptions options;
    readonly FDivergence divergence;

    internal Objective(IReadOnlyList<WeightedLoss> parts, ObjectiveOptions resolved, FDivergence divergence)
    {
        this.parts = parts;
        options = resolved;
        this.divergence = divergence;
        Scalars = ObjectiveScalars.Of(resolved);
    }

    /// <summary>The losses that <see cref="Parse"/> knows, with what each is: for <c>--help</c>.</summary>
    public static IReadOnlyList<(string Name, string Description)> Known { get; } = [.. LossTable.All.Select(l => (l.Name, l.Description))];

    /// <summary>
    /// Reads <c>name[:weight],…</c>, such as <c>sigmoid</c> or <c>sigmoid:0.8,bco_pair:0.2,sft:1</c>; a weight that is not given is 1.
    /// </summary>
    /// <param name="losses">The value of <c>--loss</c>.</param>
    /// <param name="options">The modifiers that were given.</param>
    /// <exception cref="ArgumentException">
    /// A loss is unknown or given twice, losses of different rows are mixed, a number is out of range, missing, or without effect on every
    /// part.
    /// </exception>
    public static Objective Parse(string losses, ObjectiveOptions? options = null)
    {
        var parts = LossMixture.Parse(losses);
        var (resolved, divergence) = ObjectiveResolution.Resolve(parts, options ?? new ObjectiveOptions());
        return new Objective(parts, resolved, divergence);
    }

    /// <summary>The losses and weights, as <see cref="Parse"/> reads them.</summary>
    public string Losses => string.Join(
        ',', parts.Select(p => p.Weight == 1 ? p.Loss.Name : string.Create(CultureInfo.InvariantCulture, $"{p.Loss.Name}:{p.Weight}")));

    /// <summary>What the rows are. A supervised loss beside pair losses imitates their chosen completions.</summary>
    public ObjectiveRows Rows => LossMixture.RowsOf(parts);

    /// <summary>Over which rows it is one formula.</summary>
    public ObjectiveScope Scope => parts.Any(p => p.Loss.Scope == ObjectiveScope.Step) ? ObjectiveScope.Step : ObjectiveScope.Row;

    /// <summary>Whether the reference's log-probabilities are inputs.</summary>
    public bool NeedsReference => parts.Any(p => p.Loss.NeedsReference);

    /// <summary>Whether <c>kl</c> is an input: max(0, mean log-ratio of the step's mismatched rows).</summary>
    public bool NeedsKl => parts.Any(p => p.Loss.NeedsKl);

    /// <summary>Whether a part of it is the negative log-likelihood of completions to imitate.</summary>
    public bool HasNll => parts.Any(p => p.Loss.OfSupervised is not null);

    /// <summary>
    /// The loss where the policy is the reference (and <c>kl</c> is 0), such as ln 2 for sigmoid; null where that depends on the data.
    /// </summary>
    public double? BaseLoss =>
        parts.Select(p => p.Weight * p.Loss.BaseLoss(ObjectiveScalars.AtStepZero(options, divergence))).Aggregate((a, b) => a + b);

    /// <summary>The temperature of the rewards; null where no part has one.</summary>
    public double? Beta => options.Beta;

    /// <summary>LD-DPO's weight of tokens beyond the shorter completion's length, of policy and reference alike; null = not used.</summary>
    public double? LdAlpha => options.LdAlpha;

    /// <summary>The divergence whose score takes the place of the log-ratio, as it was asked for; null = not.</summary>
    public string? Divergence => options.FDivergence;

    /// <summary>The graph's scalar inputs that are numbers of the objective, by name: <c>beta</c>, <c>label_smoothing</c>, ….</summary>
    public IReadOnlyDictionary<string, double> Scalars { get; }

    /// <summary>
    /// The graph. Inputs, of <paramref name="type"/>, as far as it needs them: <c>logps</c> [R] and <c>lengths</c> [R] (completion tokens)
    /// of the chosen completions, then the rejected; <c>ref_chosen_logps</c>, <c>ref_rejected_logps</c> [P]; for unpaired rows
    /// <c>ref_logps</c>, <c>labels</c> (1 or 0) [R], <c>kl</c> []; <see cref="Scalars"/>; <c>loss_scale</c> [] (1 / pairs or rows of the
    /// optimizer step) and <c>token_scale</c> [] (1 / chosen tokens of the optimizer step).
    /// Outputs: <c>loss</c> [] = Σ pair_loss × loss_scale; <c>pair_loss</c> [P] or [R], the weighted terms (sorted ones in sorted order);
    /// <c>chosen_reward</c>, <c>rejected_reward</c> [P] where there is a beta, or <c>reward</c> [R] for unpaired rows.
    /// </summary>
    public OnnxGraph Build(DataType type = DataType.Float32) => Rows switch
    {
        ObjectiveRows.Pairs => LossGraphs.Pairs(parts, options, divergence, type),
        ObjectiveRows.Unpaired => LossGraphs.Unpaired(parts, options, type),
        _ => LossGraphs.Supervised(parts, type),
    };

    public override string ToString() => Losses;
}
