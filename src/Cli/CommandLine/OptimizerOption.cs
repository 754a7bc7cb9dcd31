using System.CommandLine;
using OrtDpo.Train;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The option <c>--optimizer</c>.</summary>
static class OptimizerOption
{
    static readonly Dictionary<string, Optimizer> ByName =
        Enum.GetValues<Optimizer>().ToDictionary(optimizer => optimizer.ConfigName(), StringComparer.Ordinal);

    /// <summary>The option, which refuses other names.</summary>
    public static Option<string> Create()
    {
        var option = new Option<string>(OptionNames.Of(nameof(TrainRequest.Optimizer)))
        {
            HelpName = string.Join('|', ByName.Keys),
            Description = "adamw, or adamw8bit, which has AdamW's moments in 8 bits: 10 bytes a parameter that trains in place of 16 "
                + "[default: adamw].",
        };
        return option.OneOf(ByName.Keys);
    }

    /// <summary>The optimizer that was asked for, or the default.</summary>
    public static Optimizer Bind(ParseResult parse, Option<string> option) =>
        parse.GetValue(option) is { } name ? ByName[name] : Optimizer.AdamW;
}
