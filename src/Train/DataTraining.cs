using System.Globalization;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.Runs;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>Training without a reference: supervised, or on preferences with a loss that compares with none. It needs no cache.</summary>
public static class DataTraining
{
    /// <summary>Trains.</summary>
    /// <param name="kind">The verb: <c>train</c> or <c>sft</c>.</param>
    /// <param name="settings">What to do; its objective has no reference.</param>
    /// <param name="rows">What to train on.</param>
    /// <param name="report">Told of what happens.</param>
    public static TrainResult Run(string kind, TrainRequest settings, DataSettings rows, Action<TrainEvent> report) =>
        Prepared(kind, settings, rows, report, TrainingRun.Execute);

    /// <summary>Does what <see cref="Run"/> does before its first step, and writes nothing: what a run would refuse is refused.</summary>
    /// <param name="kind">The verb: <c>train</c> or <c>sft</c>.</param>
    /// <param name="settings">What to do; its objective has no reference.</param>
    /// <param name="rows">What to train on.</param>
    /// <param name="report">Told of what happens.</param>
    public static Rehearsal Rehearse(string kind, TrainRequest settings, DataSettings rows, Action<TrainEvent> report) =>
        Prepared(kind, settings, rows, report, TrainingRun.Rehearse);

    static T Prepared<T>(
        string kind, TrainRequest settings, DataSettings rows, Action<TrainEvent> report,
        Func<TrainRequest, PreparedRun, Action<TrainEvent>, T> go)
    {
        using var policy = Policy.Open(settings, model => MaxLengthChoice.Of(model, rows.MaxLength).MaxLength);
        var maxLength = policy.MaxLength;
        var encoder = ExampleEncoder.Of(settings.Model, policy.Tokenizer, rows, maxLength);
        var found = FindData(settings, rows.AllFiles);
        var data = found ?? Prepare(settings, rows, encoder);
        var options = Policy.Options(RunBefore.Options(settings), policy.Folder);
        var plan = new TrainingPlan(options, Rows(data, Split.Train), Rows(data, Split.Eval));

        var inputs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var config = PreparedRun.NewConfig(kind, settings.Model);
        config.Add("data", Paths(rows.Files)).Informative()
            .Add("data_digest", plan.DataDigest)
            .Add("max_length", maxLength)
            .Add("eval_fraction", rows.Split.EvalFraction)
            .Add("model_digest", policy.Digest)
            .Add("tokenizer_digest", policy.Tokenizer.Digest);
        inputs.Add("data", plan.DataDigest);
        inputs.Add("model", policy.Digest);
        inputs.Add("tokenizer", policy.Tokenizer.Digest);
        PreparedRun.AddEnds(policy.Tokenizer.Ends, config, inputs);
        var given = encoder.Conversations?.Given;
        PreparedRun.AddTemplate(given, config, inputs);
        if (encoder.Conversations?.TemplateDigest is { } templateDigest)
        {
            inputs["chat_template"] = templateDigest;
        }

        if (rows.MaxPromptLength is { } prompt)
        {
            config.Add("max_prompt_length", prompt);
        }

        if (rows.Files.Any(file => file.Weight != 1))
        {
            config.Add("weights", string.Join(',', rows.Files.Select(file => file.Weight.ToString("R", CultureInfo.InvariantCulture))));
        }

        if (rows.MaxRows is { } most)
        {
            config.Add("max_rows", most);
        }

        // Older runs say nothing of it, and learned the last.
        if (rows.Turns is ScoredTurns.All)
        {
            config.Add("turns", "all");
        }

        if (rows.MinScoreRatio is { } ratio)
        {
            config.Add("min_score_ratio", ratio);
        }

        if (data.Ledger.Ranked is { } ranked)
        {
            config.Add("pairs", ranked.Choice);
        }

        if (rows.ChatTemplateKwargs.Count > 0)
        {
            config.Add("chat_template_kwargs", TemplateVariables.Text(rows.ChatTemplateKwargs));
        }

        if (rows.TemplateDate is { } date)
        {
            config.Add("template_date", date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }

        if (rows.EvalFiles.Count > 0)
        {
            config.Add("eval_data", Paths(rows.EvalFiles)).Informative();
        }

        foreach (var source in data.Ledger.Sources)
        {
            inputs.Add($"data/{source.Name}", source.Sha256);
        }

        var run = new PreparedRun(kind, plan, policy, config, inputs, StartsAsReference: false, folder =>
        {
            if (found is null && folder is not null)
            {
                data.Write(folder.Path);
            }

            report(new TrainEvent.DataReady(data, found is not null, encoder.Conversations));
        })
        {
            Template = given,
            TemplateDate = rows.TemplateDate,
            Dtype = settings.Dtype ?? ComputeDtype.Float32,
        };
        return go(settings, run, report);
    }

    /// <summary>Rows as the loop takes them.</summary>
    internal static List<TrainingRow> Rows(RunData data, Split split) =>
        RankedRows.Join(data.Rows.Where(row => row.Split == split).Select(
            row => new TrainingRow([TokenPart.KeyOf(row.Tokens)], row.Tokens, Reference: null, row.Source, row.SourceRow)
            {
                Set = data.SetOf(row),
            }));

    // Without a checkpoint the run begins anew, with whatever options are given.
    static RunData? FindData(TrainRequest settings, IReadOnlyList<DataSource> sources)
    {
        var found = settings.Resume && new Checkpoints(settings.Out).Steps().Count > 0
            ? RunData.Find(settings.Out)
            : null;
        found?.RequireSources(settings.Out, sources);
        return found;
    }

    static RunData Prepare(TrainRequest settings, DataSettings rows, ExampleEncoder encoder)
    {
        var prepared = ExamplePreparation.Prepare(LossSession.RowsOf(settings.Loss.Objective), rows, encoder, Shard.Whole);
        return new RunData([.. prepared.Examples.SelectMany(example => example.Rows())], prepared.Ledger);
    }

    static string Paths(IEnumerable<DataSource> files) => string.Join(
        ' ', files.Select(file => (file.Set is { } set ? $"{set}=" : "") + Path.GetFullPath(file.Path)));
}
