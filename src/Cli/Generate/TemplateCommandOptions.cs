using System.CommandLine;
using System.Text.Json;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Data;
using OrtDpo.Generate;

namespace OrtDpo.Cli.Generate;

/// <summary>The options that say how messages become a prompt.</summary>
sealed class TemplateCommandOptions
{
    readonly Option<string> system = new(OptionNames.Of("System")) { Description = "What the system says before the first message." };

    readonly Option<string> template = new Option<string>(OptionNames.Of("ChatTemplate"))
    {
        Description = "A Jinja file that writes messages in place of the model's chat template.",
    }.NotEmpty();

    readonly Option<string> switches = new Option<string>(OptionNames.Of("ChatTemplateKwargs"))
    {
        Description = "Switches of the chat template, one JSON object ({\"enable_thinking\": false}).",
    }.NotEmpty().AnObject();

    readonly Option<DateOnly> date = new(OptionNames.Of("TemplateDate"))
    {
        Description = "The date that a chat template writes where it asks for today's, as 2026-01-31; never taken from the clock.",
    };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [system, template, switches, date];

    /// <summary>What the system says; null: nothing.</summary>
    public string? System(ParseResult parse) => parse.GetValue(system);

    /// <summary>Reads the others.</summary>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    public TemplateOptions Bind(ParseResult parse) => new()
    {
        File = parse.GetValue(template),
        Date = parse.Given(date),
        Variables = parse.GetValue(switches) is { } text ? TemplateVariables.Parse(text) : new Dictionary<string, JsonElement>(),
    };
}
