using System.CommandLine;
using System.Globalization;
using OrtDpo.Adapters;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Models.Quantized;

namespace OrtDpo.Cli.Train;

/// <summary>The options of adapters and of the base under them, which <c>train</c>, <c>sft</c> and <c>plan</c> share.</summary>
sealed class AdapterCommandOptions
{
    readonly Option<string> adapter = CreateAdapter("go on with, in place of the model's own weights");

    readonly Option<string> weights = BaseOption.Create();

    readonly Option<int> rank = new Option<int>(OptionNames.Of("Lora"))
    {
        Description = "Train a new low-rank adapter (LoRA) of this rank; the model's own weights stay as they are stored.",
    }.Positive();

    readonly Option<double> alpha = new Option<double>("--lora-alpha")
    {
        Description = "LoRA's alpha: the adapter counts alpha / rank times. Twice the rank by default.",
    }.Positive();

    readonly Option<bool> rsLora = new("--rslora") { Description = "Scale by alpha / √rank (rank-stabilized LoRA)." };

    readonly Option<string> targets = new Option<string>("--target-modules")
    {
        Description = "Modules to adapt: names or ends of names, as q_proj,v_proj; or all-linear (the default), all but the output layer.",
    }.Listed();

    readonly Option<string> targetPattern = new("--target-pattern")
    {
        Description = "Modules to adapt: a regular expression for the whole of their names.",
    };

    readonly Option<string> excluded = new Option<string>("--exclude-modules")
    {
        Description = "Modules not to adapt: names or ends of names.",
    }.Listed();

    readonly Option<string> layers = new Option<string>("--layers-to-transform")
    {
        Description = "Layers to adapt, from 0, as 8,9,10; only with names in --target-modules.",
    }.Listed();

    readonly Option<string> layersPattern = new Option<string>("--layers-pattern")
    {
        Description = "What stands before a layer's number in names, as layers or h; only with --layers-to-transform.",
    }.Listed();

    readonly Option<string> ranks = new Option<string>("--rank-pattern")
    {
        Description = "Ranks of some modules, as up_proj=32,down_proj=4.",
    }.Paired();

    readonly Option<string> alphas = new Option<string>("--alpha-pattern")
    {
        Description = "Alphas of some modules, as up_proj=64.",
    }.Paired();

    readonly Option<string> saved = new Option<string>("--modules-to-save")
    {
        Description = "Modules to train whole beside the adapter, and to save with it, as lm_head,model.norm.",
    }.Listed();

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="hasBase">Whether the base may be held in 4 bits.</param>
    public AdapterCommandOptions(Command command, bool hasBase = true)
    {
        command.Add(adapter);
        if (hasBase)
        {
            command.Add(weights);
        }

        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    Option[] All =>
        [rank, alpha, rsLora, targets, targetPattern, excluded, layers, layersPattern, ranks, alphas, saved];

    /// <summary>The option <c>--adapter</c> of a verb.</summary>
    /// <param name="what">What is done with it.</param>
    public static Option<string> CreateAdapter(string what) => new Option<string>(OptionNames.Of("Adapter"))
    {
        Description = $"A LoRA adapter's folder to {what}: a run's checkpoint, or one that PEFT saved.",
    }.NotEmpty();

    /// <summary>Reads how the base's weights are held.</summary>
    public BaseWeights BindBase(ParseResult parse) => BaseOption.Bind(parse, weights);

    /// <summary>Reads the options: a new adapter or one that is there, or neither.</summary>
    /// <exception cref="ArgumentException">Two options do not go together, or a value is not of its form.</exception>
    public (LoraConfig? Lora, string? Adapter) Bind(ParseResult parse)
    {
        var folder = parse.GetValue(adapter);
        if (parse.Given(rank) is not { } given)
        {
            return All.FirstOrDefault(parse.IsGiven) is { } inert
                ? throw new ArgumentException($"{inert.Name} has no effect without {rank.Name}"
                    + (folder is null ? "." : $": what {adapter.Name} is says its own configuration."))
                : (null, folder);
        }

        if (parse.IsGiven(targets) && parse.IsGiven(targetPattern))
        {
            throw new ArgumentException($"{targets.Name} and {targetPattern.Name} are both given; give one of them.");
        }

        return (new LoraConfig
        {
            Rank = given,
            Alpha = parse.Given(alpha) ?? (2 * given),
            UseRsLora = parse.GetValue(rsLora),
            TargetModules = parse.GetValue(targetPattern) is { } pattern ? new ModuleChoice.Pattern(pattern)
                : parse.GetValue(targets) is { } named && named != "all-linear" ? new ModuleChoice.Names(List(named, targets))
                : ModuleChoice.AllLinear,
            ExcludeModules = parse.GetValue(excluded) is { } names ? new ModuleChoice.Names(List(names, excluded)) : null,
            LayersToTransform = parse.GetValue(layers) is { } numbers
                ? [.. List(numbers, layers).Select(text => Number<int>(text, layers, numbers))]
                : null,
            LayersPattern = parse.GetValue(layersPattern) is { } before ? List(before, layersPattern) : null,
            RankPattern = Pattern<int>(parse.GetValue(ranks), ranks),
            AlphaPattern = Pattern<double>(parse.GetValue(alphas), alphas),
            ModulesToSave = parse.GetValue(saved) is { } whole ? List(whole, saved) : [],
        }, folder);
    }

    static string[] List(string text, Option option) => text.Split(',') is var parts && parts.All(part => part.Trim().Length > 0)
        ? Array.ConvertAll(parts, part => part.Trim())
        : throw new ArgumentException($"{option.Name} is '{text}'; expected names parted by commas, none of them empty.");

    static List<KeyValuePair<string, T>> Pattern<T>(string? text, Option option)
        where T : struct, IParsable<T> => text is null ? [] :
    [
        .. List(text, option).Select(part => part.Split('=') is [var name, var number] && name.Length > 0
            ? KeyValuePair.Create(name, Number<T>(number, option, text))
            : throw new ArgumentException($"{option.Name} is '{text}'; expected pairs as up_proj=32, parted by commas.")),
    ];

    static T Number<T>(string text, Option option, string whole)
        where T : struct, IParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new ArgumentException($"{option.Name} is '{whole}'; '{text}' in it is no number of its kind.");
}
