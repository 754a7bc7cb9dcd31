using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Objectives;
using OrtDpo.Train;

namespace OrtDpo.Cli.Train;

/// <summary>The options that say what <c>train</c> minimises.</summary>
sealed class ObjectiveCommandOptions
{
    readonly Option<string> loss = new Option<string>("--loss")
    {
        Description = "NAME, or a weighted sum NAME[:WEIGHT],… as in sigmoid:0.8,bco_pair:0.2,sft:1. Below z = beta (s_w - s_l), "
            + "s = r (or of --f-divergence), "
            + "r = policy - reference log-probability l, w chosen, l rejected. The names:\n"
            + string.Join('\n', Objective.Known.Select(known => $"{known.Name}: {OptionNames.In(known.Description)}")) + "\n",
        HelpName = "losses",
        DefaultValueFactory = _ => LossChoice.Dpo.Losses,
    }.Listed().Paired(":");

    readonly Option<string> fDivergence = new("--f-divergence")
    {
        Description = "reverse_kl (the default), forward_kl, js_divergence or alpha_divergence: the score s that takes the place of r.",
    };

    readonly IReadOnlyList<(Modifier Modifier, Option<double> Option)> numbers =
        [.. Modifier.All.Select(m => (m, new Option<double>(OptionNames.Of(m.Property)) { Description = m.Description }))];

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public ObjectiveCommandOptions(Command command)
    {
        command.Add(loss);
        foreach (var (modifier, option) in numbers)
        {
            // The divergence stands before its number.
            if (modifier.Property == nameof(ObjectiveOptions.FAlpha))
            {
                command.Add(fDivergence);
            }

            command.Add(option);
        }
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="ArgumentException">They are no objective, or one has no effect.</exception>
    public LossChoice Bind(ParseResult parse) => new(
        parse.GetRequiredValue(loss),
        numbers.Aggregate(
            new ObjectiveOptions { FDivergence = parse.GetValue(fDivergence) },
            (options, number) => parse.Given(number.Option) is { } value ? number.Modifier.With(options, value) : options));
}
