using System.Globalization;
using System.Text.Json;
using OrtDpo.Data;
using OrtDpo.Runs;

namespace OrtDpo.Export.Cards;

/// <summary>What a card tells of a run.</summary>
/// <param name="Name">The run's folder.</param>
/// <param name="Way">What it did, in words.</param>
/// <param name="Tags">The same as words to find it by.</param>
/// <param name="HubData">Its data on the hub, where that is known.</param>
/// <param name="Training">What it was trained on and how: names and values in Markdown.</param>
/// <param name="Evaluation">The last evaluation, in Markdown; null: there was none.</param>
/// <param name="Result">The same as hubs read it.</param>
/// <param name="Digests">Digests of what went in, and of the checkpoint.</param>
sealed record RunFacts(
    string Name, string Way, IReadOnlyList<string> Tags, IReadOnlyList<string> HubData, IReadOnlyList<(string, string)> Training,
    string? Evaluation, OrderedDictionary<string, object>? Result, IReadOnlyDictionary<string, string> Digests)
{
    const string Loss = "loss";
    const string BehindLoss = "learning_rate";

    // In the words of the hub, which has a name for one of them.
    static readonly (string Metric, string Type)[] Shown =
    [
        ("rewards/accuracies", "accuracy"), ("preference_accuracy", "accuracy"), ("rewards/margins", "rewards/margins"), ("loss", "loss"),
    ];

    /// <summary>Whether <see cref="Result"/> has a metric of that name.</summary>
    public bool IsAccuracyKnown { get; private init; }

    public static RunFacts Of(TrainedRun run)
    {
        var losses = run.Text(Loss)!.Split(',').Select(part => part.Split(':')[0].Trim()).ToList();
        var ledgers = Ledgers(run);
        var isSupervised = run.Text("kind") == "sft";
        var evaluation = RunEvaluation.At(run.Folder, run.Step);
        // A run against a cache does not name the files of its data.
        var hub = HubOrigin.InCache(run.Text("data") ?? "", "dataset").ToList();
        return new RunFacts(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run.Folder))),
            isSupervised ? "supervised fine-tuning" : "preference tuning",
            isSupervised ? ["sft"] : [.. losses.Select(name => name == "sigmoid" ? "dpo" : name)],
            hub,
            [
                ("objective", string.Join(", ", Objective(run).Select(entry => Markdown.Text($"{entry.Key} {Shorten(entry.Value)}")))),
                .. Data(ledgers),
                ("steps", FormattableString.Invariant($"{run.Step}, of {Value(run, "batch_pairs")} rows each")),
                ("learning rate", Markdown.Text(Value(run, BehindLoss))),
                .. run.Text("adapter_config") is { } adapter ? [("adapter", Markdown.Text(adapter))] : Array.Empty<(string, string)>(),
            ],
            evaluation is null ? null : Table(evaluation),
            evaluation is null ? null : ForHubs(evaluation, ledgers, hub),
            RunExport.Digests(run))
        {
            IsAccuracyKnown = Shown.Any(shown => shown.Type == "accuracy" && evaluation?.Values.ContainsKey(shown.Metric) == true),
        };
    }

    static IReadOnlyList<Ledger> Ledgers(TrainedRun run) =>
    [
        .. Directory.GetFiles(run.ReferenceCache ?? run.Folder, "ledger*.json").Order(StringComparer.Ordinal).Select(FileJson.Read<Ledger>),
    ];

    // The objective, with every number that it uses, stands between its name and the next option.
    static IEnumerable<KeyValuePair<string, string>> Objective(TrainedRun run) =>
        run.Config.SkipWhile(entry => entry.Key != Loss).TakeWhile(entry => entry.Key != BehindLoss);

    static IEnumerable<(string, string)> Data(IReadOnlyList<Ledger> ledgers)
    {
        if (ledgers.Count > 0)
        {
            var (train, heldOut) = (ledgers.Sum(ledger => ledger.Train), ledgers.Sum(ledger => ledger.Eval));
            yield return ("data", Markdown.Text(Names(ledgers)));
            yield return ("rows", FormattableString.Invariant($"{train} to train on, {heldOut} held out"));
        }
    }

    static string Names(IReadOnlyList<Ledger> ledgers) =>
        string.Join(", ", ledgers.SelectMany(ledger => ledger.Sources).Select(source => source.Name).Distinct());

    static string Table(RunEvaluation evaluation)
    {
        var rows = evaluation.Values.TryGetValue("pairs", out var pairs) || evaluation.Values.TryGetValue("rows", out pairs)
            ? string.Create(CultureInfo.InvariantCulture, $", on {pairs:0} held-out rows")
            : "";
        return FormattableString.Invariant($"After step {evaluation.Step}{rows}:\n\n") + Markdown.Table("metric", "value", evaluation.Values
            // Parts of the rows are for the run's own curves.
            .Where(value => value.Key is not ("pairs" or "rows")
                && !value.Key.Contains("length/", StringComparison.Ordinal) && !value.Key.Contains("source/", StringComparison.Ordinal))
            .Select(value => (Markdown.Text(value.Key), Markdown.Text(value.Value.ToString("g5", CultureInfo.InvariantCulture)))));
    }

    static OrderedDictionary<string, object> ForHubs(RunEvaluation evaluation, IReadOnlyList<Ledger> ledgers, List<string> hub) => new()
    {
        ["task"] = new OrderedDictionary<string, object> { ["type"] = "text-generation" },
        ["dataset"] = new OrderedDictionary<string, object>
        {
            // Files that are on no hub are said to be here.
            ["type"] = hub.Count > 0 ? hub[0] : "local",
            ["name"] = Names(ledgers),
            ["split"] = "eval",
        },
        ["metrics"] = Shown.Where(shown => evaluation.Values.ContainsKey(shown.Metric))
            .Select(shown => new OrderedDictionary<string, object>
            {
                ["type"] = shown.Type, ["name"] = shown.Metric, ["value"] = evaluation.Values[shown.Metric],
            })
            .ToList(),
    };

    static string Value(TrainedRun run, string entry) => Shorten(run.Config[entry]);

    // As the file has it: a text is JSON's.
    static string Shorten(string value) => value.StartsWith('"') ? JsonSerializer.Deserialize<string>(value)! : value;
}
