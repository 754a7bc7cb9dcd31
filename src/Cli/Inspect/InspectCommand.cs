using System.CommandLine;
using System.Text.Json;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Data;
using OrtDpo.Precompute;
using OrtDpo.Runs;

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
            leaksAreRefused: false,
            hasTurns: true);
        command.Add(Json);
        command.SetStage(
            parse => (Model: parse.GetRequiredValue(Model), Data: data.Bind(parse), Json: parse.GetValue(Json)),
            (asked, output) => Run(asked.Model, asked.Data, asked.Json, output));
        return command;
    }

    static void Run(string model, DataSettings data, bool json, ProgramOutput output)
    {
        var result = InspectStage.Run(model, data);
        // The sentences of the library, and not the text of the rows.
        var inspection = result.Data with
        {
            Warnings = [.. result.Data.Warnings.Select(warning => warning with { Text = OptionNames.In(warning.Text) })],
        };
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(inspection, FileJson.Options));
        }
        else
        {
            new InspectReport(output).Tell(
                inspection,
                FormattableString.Invariant(
                    $"prompt + one completion: at most {result.MaxLength} tokens, {OptionNames.In(result.MaxLengthReason)}"),
                result.Conversations?.Description);
        }
    }
}
