using System.CommandLine;
using OrtDpo.Core.CommandLine;
using OrtDpo.Core.Data;

namespace OrtDpo.Precompute;

/// <summary><c>ortdpo precompute</c>: stage 1, the reference's log-probabilities of all pairs.</summary>
public static class PrecomputeCommand
{
    static readonly Option<string> Model = new("--model") { Description = "The reference: a Hugging Face folder, or one with an ONNX model and a tokenizer.", Required = true };

    static readonly Option<string[]> Data = new("--data")
    {
        Description = "Preference pairs ('prompt', 'chosen', 'rejected'), or unpaired feedback ('prompt', 'completion', 'label'): files, folders or "
            + "patterns (*.jsonl) of JSON or JSON Lines, plain or gzip, or Parquet.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    static readonly Option<string[]> EvalData = new("--eval-data")
    {
        Description = "Files of such rows that are held out whole.",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    static readonly Option<string> Columns = new("--columns")
    {
        Description = "The names that the columns have in the files: chosen=preferred,rejected=other.",
    };

    static readonly Option<double> EvalFraction = new Option<double>("--eval-fraction")
    {
        Description = "Share of the prompts of --data that is held out.",
    }.Where(fraction => fraction is > 0 and < 1, "it must be above 0 and below 1");

    static readonly Option<int> MaxLength = new Option<int>("--max-length")
    {
        Description = "Bound on prompt + one completion, in tokens [default: 1024, or the model's positions if fewer].",
    }.Positive();

    static readonly Option<DateOnly> TemplateDate = new("--template-date")
    {
        Description = "The date that a chat template writes where it asks for today's, as 2026-01-31; never taken from the clock.",
    };

    static readonly Option<string> ShardOfN = new("--shard") { Description = "Score part i of n of the prompts: i/n." };

    static readonly Option<long> Seed = new("--seed") { Description = "Which prompts --eval-fraction holds out [default: 0]." };

    static readonly Option<string> Reuse = new("--reuse")
    {
        Description = "Older caches of the same reference, REF[,REF2]: rows that they hold are not scored again.",
    };

    static readonly Option<int> Threads = ThreadsOption.Create();

    static readonly Option<bool> AllowLeak = new("--allow-leak") { Description = "Accept prompts that are both in --data and in --eval-data." };

    static readonly Option<string> Out = new("--out") { Description = "The folder of the cache; a run that was killed is continued.", Required = true };

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var command = new Command("precompute", "Scores preference pairs or unpaired feedback with the reference model and writes the reference cache.")
        {
            Model, Data, Columns, Out, EvalData, EvalFraction, MaxLength, TemplateDate, ShardOfN, Reuse, Seed, Threads, AllowLeak,
        };
        command.SetStage(Bind, PrecomputeStage.Run);
        return command;
    }

    static ColumnNames? Names(ParseResult parse) => parse.GetValue(Columns) is { } columns ? ColumnNames.Parse(columns) : null;

    static PrecomputeSettings Bind(ParseResult parse)
    {
        RequireEffect(parse);
        var data = DataPaths.Expand(parse.GetRequiredValue(Data));
        var sources = DataSource.FromPaths([.. data, .. DataPaths.Expand(parse.GetValue(EvalData) ?? [])], Names(parse));
        return new PrecomputeSettings
        {
            Model = parse.GetRequiredValue(Model),
            Data = [.. sources.Take(data.Count)],
            EvalData = [.. sources.Skip(data.Count)],
            Split = new SplitRule(parse.GetValue(EvalFraction), parse.GetValue(Seed), parse.GetValue(AllowLeak)),
            MaxLength = parse.Given(MaxLength),
            TemplateDate = parse.Given(TemplateDate),
            Shard = parse.GetValue(ShardOfN) is { } shard ? Shard.Parse(shard) : Shard.Whole,
            Reuse = Folders(parse.GetValue(Reuse), parse.GetRequiredValue(Out)),
            Threads = parse.GetValue(Threads),
            Out = parse.GetRequiredValue(Out),
        };
    }

    static string[] Folders(string? list, string made)
    {
        string[] folders = list?.Split(',') ?? [];
        var paths = folders.Select(Path.GetFullPath).ToList();
        return folders.Any(string.IsNullOrWhiteSpace) ? throw new ArgumentException($"--reuse is '{list}'; expected folders with a comma between them.")
            : paths.Distinct().Count() < paths.Count ? throw new ArgumentException($"--reuse is '{list}'; it names a folder twice.")
            : paths.Contains(Path.GetFullPath(made)) ? throw new ArgumentException(
                $"--reuse names {made}, which is the folder to write; the same command continues it without.")
            : folders;
    }

    static void RequireEffect(ParseResult parse)
    {
        if (parse.IsGiven(EvalData) && parse.IsGiven(EvalFraction))
        {
            throw new ArgumentException("--eval-data and --eval-fraction are both given; held-out rows come from one of them.");
        }

        if (parse.IsGiven(Seed) && !parse.IsGiven(EvalFraction))
        {
            throw new ArgumentException("--seed has no effect without --eval-fraction.");
        }

        if (parse.IsGiven(AllowLeak) && !parse.IsGiven(EvalData))
        {
            throw new ArgumentException("--allow-leak has no effect without --eval-data.");
        }
    }
}
