using System.CommandLine;
using OrtDpo.Export;
using OrtDpo.Safetensors;

namespace OrtDpo.Cli.CommandLine;

/// <summary>
/// Options that take what weights are stored in: a type by its name in <c>config.json</c> or a short one, or a quantised form.
/// </summary>
static class DtypeOption
{
    static readonly Dictionary<string, string> Short = new(StringComparer.Ordinal)
    {
        ["fp32"] = "float32", ["bf16"] = "bfloat16", ["fp16"] = "float16",
    };

    /// <summary>An option that takes types of floats, and refuses other names.</summary>
    public static Option<string> Create(string name, string description) => Create(name, description, [.. WeightTypes.Saved.Keys]);

    /// <summary>The option <c>--dtype</c> of what can be quantised too.</summary>
    public static Option<string> CreateStored(string description) =>
        Create(OptionNames.Of("Dtype"), description, StoredDtype.Names);

    /// <summary>The type that was asked for; null where none was.</summary>
    public static WeightType? Bind(ParseResult parse, Option<string> option) =>
        parse.GetValue(option) is { } name ? WeightTypes.Saved[Long(name)] : null;

    /// <summary>What was asked for of an option of <see cref="CreateStored"/>; null where nothing was.</summary>
    /// <param name="parse">What was parsed.</param>
    /// <param name="option">The option.</param>
    /// <param name="fast">Whether it is to be fast int4.</param>
    /// <param name="head">Whether embedding and head are to be quantised too.</param>
    public static StoredDtype? BindStored(ParseResult parse, Option<string> option, Option<bool> fast, Option<bool> head)
    {
        var asked = parse.GetValue(option) is { } name ? StoredDtype.Named(Long(name)) : null;
        return parse.GetValue(fast) || parse.GetValue(head)
            ? (asked ?? StoredDtype.AsHeld) with { IsFast = parse.GetValue(fast), QuantizesHead = parse.GetValue(head) }
            : asked;
    }

    static Option<string> Create(string name, string description, IReadOnlyCollection<string> names)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "type" };
        return option.Where(text => names.Contains(Long(text)), $"it must be one of {string.Join(", ", names)}")
            .Knowing(facts => facts with
            {
                Choices = [.. names, .. Short.Where(pair => names.Contains(pair.Value)).Select(pair => pair.Key)],
            });
    }

    static string Long(string name) => Short.GetValueOrDefault(name, name);
}
