using System.CommandLine;
using System.Text.Json;
using OrtDpo.Data;
using OrtDpo.Data.Ranked;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The options that say which rows are read and how they become tokens, the same for every verb that reads data.</summary>
public sealed class DataOptions
{
    readonly Option<string[]> evalFiles = new Option<string[]>("--eval-data")
    {
        Description = "Files of such rows that are held out whole; NAME=FILE for a set of its own, whose metrics are eval_NAME_…, "
            + "several files with one name for a set of all of them.",
        HelpName = "[name=]files",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    }.NotEmpty().Paired();

    readonly Option<string> columns = new Option<string>("--columns")
    {
        Description = "The names that the columns have in the files: chosen=preferred,rejected=other.",
    }.Paired();

    readonly Option<string> weights = new Option<string>("--weights")
    {
        Description = "How often the training rows of each --data are used, on average, in their order: "
            + "1,0.5 takes half of the second's prompts, 2 each row twice.",
    }.Listed();

    readonly Option<double> evalFraction = new Option<double>("--eval-fraction")
    {
        Description = "Share of the prompts of --data that is held out.",
    }.Where(fraction => fraction is > 0 and < 1, "it must be above 0 and below 1")
        .Knowing(facts => facts with { Above = 0, Below = 1 });

    readonly Option<bool> allowLeak = new("--allow-leak") { Description = "Accept prompts that are both in --data and in --eval-data." };

    readonly Option<int> maxLength = new Option<int>("--max-length")
    {
        Description = "Bound on prompt + one completion, in tokens [default: 1024, or the model's positions if fewer].",
    }.Where(length => length > 1, "it must be at least 2").Knowing(facts => facts with { From = 2 });

    readonly Option<int> maxPromptLength = new Option<int>("--max-prompt-length")
    {
        Description = "Bound on the prompt, in tokens: longer prompts are cut at their beginning. Without it a prompt is never cut.",
    }.Where(length => length > 1, "it must be at least 2").Knowing(facts => facts with { From = 2 });

    readonly Option<int> maxRows = new Option<int>("--max-rows")
    {
        Description = "So many rows of --data are for training at most, the first in the order that --seed gives them; "
            + "held-out rows and the copies of --weights do not count.",
    }.Positive();

    readonly Option<ScoredTurns> turns = new("--turns")
    {
        HelpName = "last|all",
        Description = "Which of the assistant's turns of 'messages' are learned: last, or all, each as a row by itself [default: last].",
    };

    readonly Option<double> minScoreRatio = new Option<double>("--min-score-ratio")
    {
        Description = "Drop pairs whose 'score_ratio' is below: how many times the other's score the chosen answer has "
            + "(Stanford Human Preferences; 2 is usual).",
    }.Where(ratio => ratio > 1 && double.IsFinite(ratio), "it must be above 1").Knowing(facts => facts with { Above = 1 });

    readonly Option<string> pairs = new Option<string>("--pairs")
    {
        Description = "Which pairs are made of ranked completions: best-worst, best-rest, adjacent or all [default: best-worst].",
    }.NotEmpty();

    readonly Option<string> chatTemplateKwargs = new Option<string>("--chat-template-kwargs")
    {
        Description = "Switches of the chat template, one JSON object ({\"enable_thinking\": false}); "
            + "a row's 'chat_template_kwargs' go before.",
    }.NotEmpty().AnObject();

    readonly Option<DateOnly> templateDate = new("--template-date")
    {
        Description = "The date that a chat template writes where it asks for today's, as 2026-01-31; never taken from the clock.",
    };

    readonly Option<long> seed;
    readonly bool seedIsOurs;
    readonly bool leaksAreRefused;
    readonly bool hasTurns;

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="rows">What the rows are, for its help.</param>
    /// <param name="required">Whether data must be given.</param>
    /// <param name="seed">The verb's own <c>--seed</c>; null: one is added that decides nothing else.</param>
    /// <param name="hasTurns">Whether supervised rows are read, whose turns <c>--turns</c> chooses.</param>
    /// <param name="leaksAreRefused">Whether prompts in both kinds of data are an error, and <c>--allow-leak</c> can be given.</param>
    public DataOptions(
        Command command, string rows, bool required, Option<long>? seed = null, bool leaksAreRefused = true, bool hasTurns = false)
    {
        ArgumentNullException.ThrowIfNull(command);
        Files = new Option<string[]>("--data")
        {
            Description = "Files, folders or patterns (*.jsonl) of JSON, JSON Lines, CSV or TSV, plain, gzip or zstd, of Parquet or Arrow, "
                + $"or a folder of save_to_disk: {rows}.",
            Required = required,
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        }.NotEmpty();
        seedIsOurs = seed is null;
        this.seed = seed ?? new("--seed")
        {
            Description = "Which prompts --eval-fraction holds out, which a fraction in --weights takes, and which rows --max-rows takes "
                + "[default: 0].",
        };
        this.leaksAreRefused = leaksAreRefused;
        this.hasTurns = hasTurns;
        foreach (var option in (Option[])[Files, .. Further()])
        {
            command.Add(option);
        }
    }

    /// <summary>The option <c>--data</c>.</summary>
    public Option<string[]> Files { get; }

    /// <summary>The option <c>--chat-template</c>, which counts beside a cache too: what is trained keeps the template.</summary>
    public Option<string> ChatTemplate { get; } = new Option<string>("--chat-template")
    {
        Description = "A Jinja file that writes rows of messages in place of the model's chat template.",
    }.NotEmpty();

    /// <summary>Reads the options.</summary>
    /// <exception cref="ArgumentException">An option is wrong, or has no effect beside the others.</exception>
    /// <exception cref="FileNotFoundException">A folder holds no data files, or a pattern matches none.</exception>
    public DataSettings Bind(ParseResult parse)
    {
        ArgumentNullException.ThrowIfNull(parse);
        RequireEffect(parse);
        var given = parse.GetRequiredValue(Files);
        // What a folder or a pattern stands for shares one weight.
        var each = parse.GetValue(weights) is { } text ? SourceWeights.Parse(text, given.Length) : [.. given.Select(_ => 1.0)];
        var passedOver = new List<string>();
        var weighted = given.Zip(each)
            .SelectMany(data => DataPaths.Expand([data.First], passedOver.Add).Select(file => (File: file, Weight: data.Second)))
            .ToList();
        var heldOut = HeldOutFiles.Expand(parse.GetValue(evalFiles) ?? [], passedOver.Add);
        var sources = DataSource.FromPaths(
            [.. weighted.Select(data => data.File), .. heldOut.Select(file => file.Path)],
            parse.GetValue(columns) is { } names ? ColumnNames.Parse(names) : null);
        RequireEffectOfSeed(parse, weighted.Exists(data => data.Weight % 1 != 0));
        return new DataSettings
        {
            Files = [.. sources.Zip(weighted, (source, data) => source with { Weight = data.Weight })],
            EvalFiles = [.. sources.Skip(weighted.Count).Zip(heldOut, (source, file) => source with { Set = file.Set })],
            Split = new SplitRule(parse.GetValue(evalFraction), parse.GetValue(seed), !leaksAreRefused || parse.GetValue(allowLeak)),
            MaxLength = parse.Given(maxLength),
            MaxPromptLength = parse.Given(maxPromptLength),
            MaxRows = parse.Given(maxRows),
            MinScoreRatio = parse.Given(minScoreRatio),
            Turns = hasTurns ? parse.Given(turns) : null,
            Pairs = parse.GetValue(pairs) is { } choice ? RankedPairs.Parse(choice) : null,
            ChatTemplate = parse.GetValue(ChatTemplate),
            ChatTemplateKwargs = parse.GetValue(chatTemplateKwargs) is { } switches
                ? TemplateVariables.Parse(switches)
                : new Dictionary<string, JsonElement>(),
            TemplateDate = parse.Given(templateDate),
            PassedOverFiles = passedOver,
        };
    }

    /// <summary>
    /// The first of the options that is given, other than <see cref="Files"/>, <see cref="ChatTemplate"/> and the verb's own; null where
    /// none is.
    /// </summary>
    public Option? FirstGiven(ParseResult parse) => Further().Where(option => option != ChatTemplate).FirstOrDefault(parse.IsGiven);

    IEnumerable<Option> Further() =>
    [
        columns, weights, evalFiles, evalFraction,
        .. seedIsOurs ? [seed] : Array.Empty<Option>(),
        .. leaksAreRefused ? [allowLeak] : Array.Empty<Option>(),
        .. hasTurns ? [turns] : Array.Empty<Option>(),
        pairs, maxRows, minScoreRatio, maxLength, maxPromptLength, ChatTemplate, chatTemplateKwargs, templateDate,
    ];

    void RequireEffectOfSeed(ParseResult parse, bool hasFractions)
    {
        if (seedIsOurs && parse.IsGiven(seed) && !parse.IsGiven(evalFraction) && !parse.IsGiven(maxRows) && !hasFractions)
        {
            throw new ArgumentException("--seed has no effect without --eval-fraction, --max-rows or a fraction in --weights.");
        }
    }

    void RequireEffect(ParseResult parse)
    {
        if (parse.IsGiven(evalFiles) && parse.IsGiven(evalFraction))
        {
            throw new ArgumentException("--eval-data and --eval-fraction are both given; held-out rows come from one of them.");
        }

        if (parse.Given(maxPromptLength) is { } prompt && parse.Given(maxLength) is { } whole && prompt >= whole)
        {
            throw new ArgumentException(
                $"--max-prompt-length is {prompt}; it must be below --max-length, which is {whole}, to leave room for completions.");
        }

        if (leaksAreRefused && parse.IsGiven(allowLeak) && !parse.IsGiven(evalFiles))
        {
            throw new ArgumentException("--allow-leak has no effect without --eval-data.");
        }
    }
}
