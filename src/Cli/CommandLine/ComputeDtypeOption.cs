using System.CommandLine;
using OrtDpo.Batches;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The option <c>--dtype</c> of commands that compute with a model.</summary>
static class ComputeDtypeOption
{
    /// <summary>The option of a verb, which refuses what is no compute type.</summary>
    /// <param name="description">What is said of it after the names, the default included.</param>
    public static Option<string> Create(string description)
    {
        var option = new Option<string>(OptionNames.Of("Dtype"))
        {
            HelpName = "float32|bfloat16",
            Description = "The type that products are computed in: float32, or on a GPU bfloat16 (fp32, bf16). " + description,
        };
        return option.Where(name => ComputeDtypes.Find(name) is not null, name => $"it {ComputeDtypes.WhyNot(name)}")
            .Knowing(facts => facts with
            {
                Choices = [.. Enum.GetValues<ComputeDtype>().SelectMany(dtype => new[] { dtype.ConfigName(), dtype.CacheName() })],
            });
    }

    /// <summary>The type that was asked for; null where none was.</summary>
    public static ComputeDtype? Bind(ParseResult parse, Option<string> option) =>
        parse.GetValue(option) is { } name ? ComputeDtypes.Parse(name) : null;
}
