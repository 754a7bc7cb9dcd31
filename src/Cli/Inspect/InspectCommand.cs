using System.CommandLine;
using OrtDpo.Core.CommandLine;
using OrtDpo.Core.Data;

namespace OrtDpo.Cli.Inspect;

/// <summary><c>ortdpo inspect</c>: what the data is, before anything is scored.</summary>
static class InspectCommand
{
    static readonly Option<string> Model = new("--model") { Description = "The model whose tokenizer and positions count.", Required = true };

    static readonly Option<string[]> Data = new("--data")
    {
        Description = "Files of preference pairs: JSON or JSON Lines, plain or gzip.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    static readonly Option<string> Columns = new("--columns")
    {
        Description = "The names that the columns have in the files: chosen=preferred,rejected=other.",
    };

    static readonly Option<string[]> EvalData = new("--eval-data")
    {
        Description = "Files of pairs that are held out whole.",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    static readonly Option<double> EvalFraction = new Option<double>("--eval-fraction")
    {
        Description = "Share of the prompts of --data that is held out.",
    }.Where(fraction => fraction is > 0 and < 1, "it must be above 0 and below 1");

    static readonly Option<long> Seed = new("--seed") { Description = "Which prompts --eval-fraction holds out [default: 0]." };

    static readonly Option<int> MaxLength = new Option<int>("--max-length")
    {
        Description = "Bound on prompt + one completion, in tokens [default: 1024, or the model's positions if fewer].",
    }.Positive();

    static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object." };

    public static Command Create()
    {
        var command = new Command("inspect", "Shows what preference data is: counts, lengths, one pair token by token, and what looks wrong.")
        {
            Model, Data, Columns, EvalData, EvalFraction, Seed, MaxLength, Json,
        };
        command.SetStage(Bind, InspectStage.Run);
        return command;
    }

    static InspectSettings Bind(ParseResult parse)
    {
        if (parse.IsGiven(EvalData) && parse.IsGiven(EvalFraction))
        {
            throw new ArgumentException("--eval-data and --eval-fraction are both given; held-out rows come from one of them.");
        }

        if (parse.IsGiven(Seed) && !parse.IsGiven(EvalFraction))
        {
            throw new ArgumentException("--seed has no effect without --eval-fraction.");
        }

        var data = DataPaths.Expand(parse.GetRequiredValue(Data));
        var sources = DataSource.FromPaths(
            [.. data, .. DataPaths.Expand(parse.GetValue(EvalData) ?? [])],
            parse.GetValue(Columns) is { } names ? ColumnNames.Parse(names) : null);
        return new InspectSettings(
            parse.GetRequiredValue(Model),
            [.. sources.Take(data.Count)],
            [.. sources.Skip(data.Count)],
            // Leaks are what is looked for here.
            new SplitRule(parse.GetValue(EvalFraction), parse.GetValue(Seed), AllowLeak: true),
            parse.Given(MaxLength),
            parse.GetValue(Json));
    }
}
