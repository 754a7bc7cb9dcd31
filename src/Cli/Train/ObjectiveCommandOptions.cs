using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Objectives;
using OrtDpo.Train;

namespace OrtDpo.Cli.Train;

/// <summary>The options that say what <c>train</c> minimises.</summary>
sealed class ObjectiveCommandOptions
{
    readonly Option<string> loss = new("--loss")
    {
        Description = "NAME, or a weighted sum NAME[:WEIGHT],… as in sigmoid:0.8,bco_pair:0.2,sft:1. Below z = beta (s_w - s_l), "
            + "s = r (or of --f-divergence), "
            + "r = policy - reference log-probability l, w chosen, l rejected. The names:\n"
            + string.Join('\n', Objective.Known.Select(known => $"{known.Name}: {OptionNames.In(known.Description)}")) + "\n",
        HelpName = "losses",
        DefaultValueFactory = _ => LossChoice.Dpo.Losses,
    };

    readonly Option<double> beta = new("--beta")
    {
        Description = "Temperature of the implicit reward; its default depends on the loss, 0.1 for most.",
    };

    readonly Option<double> labelSmoothing = new("--label-smoothing")
    {
        Description = "Share of pairs whose labels are taken to be flipped.",
    };
    readonly Option<string> fDivergence = new("--f-divergence")
    {
        Description = "reverse_kl (the default), forward_kl, js_divergence or alpha_divergence: the score s that takes the place of r.",
    };

    readonly Option<double> fAlpha = new("--f-alpha")
    {
        Description = "Alpha of alpha_divergence, 0.5 by default: s = exp((a - 1) r) / (a - 1), as TRL from 0.29 on; "
            + "before, TRL's was 1 - a.",
    };

    readonly Option<double> discopopTau = new("--discopop-tau") { Description = "Temperature of discopop's mixture, 0.05 by default." };
    readonly Option<double> gamma = new("--gamma")
    {
        Description = "Margin that simpo and alphapo ask for, 0.5 by default; not multiplied by beta.",
    };

    readonly Option<double> alphapoAlpha = new("--alphapo-alpha") { Description = "Alpha of alphapo." };
    readonly Option<double> ldAlpha = new("--ld-alpha")
    {
        Description = "LD-DPO: weight of the tokens beyond the shorter completion's length, for policy and reference alike "
            + "(LLaMA-Factory: policy only).",
    };

    readonly Option<double> desirableWeight = new("--desirable-weight") { Description = "Weight of desirable rows, 1 by default." };
    readonly Option<double> undesirableWeight = new("--undesirable-weight") { Description = "Weight of undesirable rows, 1 by default." };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public ObjectiveCommandOptions(Command command)
    {
        foreach (var option in (Option[])
            [
                loss, beta, labelSmoothing, fDivergence, fAlpha, discopopTau, gamma, alphapoAlpha, ldAlpha, desirableWeight,
                undesirableWeight,
            ])
        {
            command.Add(option);
        }
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="ArgumentException">They are no objective, or one has no effect.</exception>
    public LossChoice Bind(ParseResult parse) => new(parse.GetRequiredValue(loss), new ObjectiveOptions
    {
        Beta = parse.Given(beta),
        LabelSmoothing = parse.Given(labelSmoothing),
        FDivergence = parse.GetValue(fDivergence),
        FAlpha = parse.Given(fAlpha),
        DiscopopTau = parse.Given(discopopTau),
        Gamma = parse.Given(gamma),
        AlphapoAlpha = parse.Given(alphapoAlpha),
        LdAlpha = parse.Given(ldAlpha),
        DesirableWeight = parse.Given(desirableWeight),
        UndesirableWeight = parse.Given(undesirableWeight),
    });
}
