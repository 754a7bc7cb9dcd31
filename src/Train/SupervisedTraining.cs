using OrtDpo.Core.Cache;
using OrtDpo.Core.CommandLine;
using OrtDpo.Core.Data;
using OrtDpo.Core.Runs;
using OrtDpo.Core.Text;
using OrtDpo.Core.Training;
using OrtDpo.Graph.Weights;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train;

/// <summary>Supervised fine-tuning: the loop of preference tuning with token cross-entropy, and without a cache.</summary>
public static class SupervisedTraining
{
    const int DefaultMaxLength = 1024;

    // Rows have no reference, so their keys belong to no contract.
    static readonly string NoContract = new('0', 64);

    /// <summary>Trains.</summary>
    public static void Run(SupervisedSettings settings, ProgramOutput output)
    {
        var training = settings.Training;
        string modelDigest;
        int positions;
        using (var model = ModelFolder.Open(training.Model))
        {
            modelDigest = ReferenceDigest.Compute(model);
            positions = model.Model.Sizes.MaxPositions;
        }

        var maxLength = settings.MaxLength ?? Math.Min(DefaultMaxLength, positions);
        if (maxLength > positions)
        {
            throw new NotSupportedException($"--max-length is {maxLength}, but {training.Model} has {positions} positions. Give at most that.");
        }

        var tokenizer = ModelTokenizer.Load(training.Model);
        var encoder = new PairEncoder(tokenizer.Encode, tokenizer.EncodeContinuation, tokenizer.EosId, maxLength);
        var sources = DataSource.FromPaths(settings.Data);
        var data = SupervisedData.Prepare(sources, encoder, new SplitRule(settings.EvalFraction, (long)training.Options.Seed, AllowLeak: false));
        var plan = new TrainingPlan(training.Options, Rows(data, Split.Train), Rows(data, Split.Eval));

        var run = new TrainingRun("sft", training, output);
        run.Config.Add("data", string.Join(' ', settings.Data.Select(Path.GetFullPath))).Informative()
            .Add("data_digest", plan.DataDigest())
            .Add("max_length", maxLength)
            .Add("eval_fraction", settings.EvalFraction)
            .Add("model_digest", modelDigest)
            .Add("tokenizer_digest", tokenizer.Digest);
        run.Inputs.Add("data", plan.DataDigest());
        run.Inputs.Add("model", modelDigest);
        run.Inputs.Add("tokenizer", tokenizer.Digest);
        foreach (var source in sources)
        {
            run.Inputs.Add($"data/{source.Name}", FileDigest.OfFile(source.Path));
        }

        run.Execute(plan, LossSession.Supervised, tokenizer, folder =>
        {
            output.WriteLine(data.Ledger.ToString());
            FileJson.Write(Path.Combine(folder.Path, "ledger.json"), data.Ledger);
        });
    }

    static List<TrainingRow> Rows(SupervisedData data, Split split) =>
        [.. data.Rows.Where(row => row.Split == split).Select(
            row => new TrainingRow(RowKey.Of(NoContract, row.Tokens), row.Tokens, Reference: null, row.Source, row.SourceRow))];
}
