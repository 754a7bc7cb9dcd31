using System.CommandLine;
using OrtDpo.Core.CommandLine;
using OrtDpo.Core.Data;

namespace OrtDpo.Train;

/// <summary>The options that say what is trained on without a reference cache.</summary>
sealed class DataCommandOptions
{
    readonly Option<string> columns = new("--columns") { Description = "The names that the columns of --data have: chosen=preferred,rejected=other." };

    readonly Option<double> evalFraction = new("--eval-fraction") { Description = "Share of the prompts of --data that is held out." };

    readonly Option<int> maxLength = new("--max-length")
    {
        Description = "Bound on prompt + one completion of --data in tokens; by default 1024 or the model's positions.",
    };

    readonly Option<DateOnly> templateDate = new("--template-date")
    {
        Description = "The date that a chat template writes where it asks for today's, as 2026-01-31; never taken from the clock.",
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public DataCommandOptions(Command command, string rows, bool required)
    {
        Files = new("--data")
        {
            Description = $"Files, folders or patterns (*.jsonl) of JSON, JSON Lines or Parquet: {rows}.", Required = required, AllowMultipleArgumentsPerToken = true,
        };
        command.Add(Files);
        command.Add(columns);
        command.Add(evalFraction.Between(0.0, 1.0));
        command.Add(maxLength.Where(value => value > 1, "it must be at least 2"));
        command.Add(templateDate);
    }

    public Option<string[]> Files { get; }

    public DataSettings Bind(ParseResult parse) => new(
        parse.GetRequiredValue(Files),
        parse.GetValue(columns) is { } names ? ColumnNames.Parse(names) : null,
        parse.GetValue(evalFraction),
        parse.Given(maxLength),
        parse.Given(templateDate));

    /// <summary>The first of the options that is given, other than <see cref="Files"/>; null where none is.</summary>
    public Option? FirstGiven(ParseResult parse) => new Option[] { columns, evalFraction, maxLength, templateDate }.FirstOrDefault(parse.IsGiven);
}
