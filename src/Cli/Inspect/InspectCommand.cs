using System.CommandLine;
using OrtDpo.Core.CommandLine;

namespace OrtDpo.Cli.Inspect;

/// <summary><c>ortdpo inspect</c>: what the data is, before anything is scored.</summary>
static class InspectCommand
{
    static readonly Option<string> Model = new("--model")
    {
        Description = "The model whose tokenizer and positions count.",
        Required = true,
    };

    static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object." };

    public static Command Create()
    {
        var command = new Command("inspect", "Shows what data is: counts, lengths, one row token by token, and what looks wrong.")
        {
            Model,
        };
        // Leaks are what is looked for here.
        var data = new DataOptions(
            command,
            "preference pairs ('chosen', 'rejected'), unpaired feedback ('completion', 'label') or "
            + "supervised rows ('completion' or 'messages')",
            required: true,
            leaksAreRefused: false);
        command.Add(Json);
        command.SetStage(
            parse => new InspectSettings(parse.GetRequiredValue(Model), data.Bind(parse), parse.GetValue(Json)),
            InspectStage.Run);
        return command;
    }
}
