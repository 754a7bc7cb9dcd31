using System.Globalization;
using OrtDpo.Data.Cache;
using OrtDpo.Core.CommandLine;
using OrtDpo.Data;
using OrtDpo.Runs;
using OrtDpo.Training;
using OrtDpo.Models;
using OrtDpo.Tokenizers;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train;

/// <summary>Training without a reference: supervised, or on preferences with a loss that compares with none. It needs no cache.</summary>
public static class DataTraining
{
    /// <summary>Trains.</summary>
    /// <param name="kind">The verb: <c>train</c> or <c>sft</c>.</param>
    /// <param name="settings">What to do; its objective has no reference.</param>
    /// <param name="rows">What to train on.</param>
    /// <param name="output">Where it is told.</param>
    public static void Run(string kind, TrainSettings settings, DataSettings rows, ProgramOutput output)
    {
        string modelDigest;
        int positions;
        using (var model = ModelFolder.Open(settings.Model))
        {
            modelDigest = ReferenceDigest.Compute(model);
            positions = model.Model.Sizes.MaxPositions;
        }

        var (maxLength, _) = MaxLengthChoice.Of(positions, rows.MaxLength);
        var tokenizer = ModelTokenizer.Load(settings.Model);
        var encoder = PairEncoder.Of(settings.Model, tokenizer, rows, maxLength);
        var found = FindData(settings, rows.AllFiles);
        var data = found ?? Prepare(settings, rows, encoder);
        var plan = new TrainingPlan(settings.Options, Rows(data, Split.Train), Rows(data, Split.Eval));

        var run = new TrainingRun(kind, settings, output);
        run.Config.Add("data", Paths(rows.Files)).Informative()
            .Add("data_digest", plan.DataDigest())
            .Add("max_length", maxLength)
            .Add("eval_fraction", rows.Split.EvalFraction)
            .Add("model_digest", modelDigest)
            .Add("tokenizer_digest", tokenizer.Digest);
        run.Inputs.Add("data", plan.DataDigest());
        run.Inputs.Add("model", modelDigest);
        run.Inputs.Add("tokenizer", tokenizer.Digest);
        if (encoder.Conversations?.TemplateDigest is { } templateDigest)
        {
            run.Inputs.Add("chat_template", templateDigest);
        }

        if (rows.MaxPromptLength is { } prompt)
        {
            run.Config.Add("max_prompt_length", prompt);
        }

        if (rows.Files.Any(file => file.Weight != 1))
        {
            run.Config.Add("weights", string.Join(',', rows.Files.Select(file => file.Weight.ToString("R", CultureInfo.InvariantCulture))));
        }

        if (rows.MinScoreRatio is { } ratio)
        {
            run.Config.Add("min_score_ratio", ratio);
        }

        if (rows.TemplateDate is { } date)
        {
            run.Config.Add("template_date", date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }

        if (rows.EvalFiles.Count > 0)
        {
            run.Config.Add("eval_data", Paths(rows.EvalFiles)).Informative();
        }

        foreach (var source in data.Ledger.Sources)
        {
            run.Inputs.Add($"data/{source.Name}", source.Sha256);
        }

        run.Execute(plan, tokenizer, folder =>
        {
            if (found is null)
            {
                data.Write(folder.Path);
            }

            Tell(output, data, found is not null, settings.Loss, encoder.Conversations);
        });
    }

    /// <summary>Rows as the loop takes them.</summary>
    internal static List<TrainingRow> Rows(RunData data, Split split) =>
        [.. data.Rows.Where(row => row.Split == split).Select(
            row => new TrainingRow(TokenPart.KeyOf(row.Tokens), row.Tokens, Reference: null, row.Source, row.SourceRow))];

    // Without a checkpoint the run begins anew, with whatever options are given.
    static RunData? FindData(TrainSettings settings, IReadOnlyList<DataSource> sources)
    {
        var found = settings.Resume && new Checkpoints(settings.Out).Steps().Count > 0
            ? RunData.Find(settings.Out)
            : null;
        found?.RequireSources(settings.Out, sources);
        return found;
    }

    static RunData Prepare(TrainSettings settings, DataSettings rows, PairEncoder encoder)
    {
        var prepared = PairPreparation.Prepare(LossSession.RowsOf(settings.Loss.Objective), rows, encoder, Shard.Whole);
        return new RunData(prepared.Pairs, prepared.Ledger);
    }

    static string Paths(IEnumerable<DataSource> files) => string.Join(' ', files.Select(file => Path.GetFullPath(file.Path)));

    static void Tell(ProgramOutput output, RunData data, bool isFound, LossChoice loss, Conversations? conversations)
    {
        if (isFound)
        {
            output.WriteLine("data: the run's own, tokenized when it was started");
        }

        if (conversations?.Description is { } template)
        {
            output.WriteLine(template);
        }

        foreach (var line in LedgerText.Lines(data.Ledger))
        {
            output.WriteLine(line);
        }

        output.WriteLine($"step-0 gate: none; {loss.Objective.Losses} has no reference to hold the log-probabilities against");
    }
}
