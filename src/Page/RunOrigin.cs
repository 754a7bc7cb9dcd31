using System.Globalization;
using OrtDpo.Adapters;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Quantized;
using OrtDpo.Objectives;
using OrtDpo.Runs;
using OrtDpo.Safetensors;
using OrtDpo.Train;

namespace OrtDpo.Page;

/// <summary>A page of a run: its model, objective, numbers and pairs.</summary>
static class RunOrigin
{
    /// <summary>Makes artifacts of what a run trained, in the page's folder of the model.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="checkpoint">The checkpoint to begin with; null: the model that the run began with.</param>
    /// <param name="model">The folder to make.</param>
    public static PageOrigin Write(string folder, CheckpointChoice? checkpoint, string model)
    {
        var run = TrainedRun.Open(folder, checkpoint);
        var loss = LossChoice.FromConfig(run.Config);
        if (loss.Objective.Rows != ObjectiveRows.Pairs)
        {
            throw new NotSupportedException($"{folder} minimises {loss.Objective.Losses}, and a page trains on pairs. "
                + "Give a run with a loss of pairs, such as sigmoid.");
        }

        RequireReference(run, checkpoint);
        var maxLength = RunMaxLength.Of(run);
        using var opened = Open(run, checkpoint);
        opened.FixMaxLength(maxLength);
        var options = new ArtifactOptions { Objective = loss.Objective, Optimizer = OptimizerOf(run), HasLogits = true };
        var written = ArtifactWriter.Write(opened, maxLength, options, model);
        PageRules.Require(written.Manifest, model);
        var rows = RowsOf(run);
        return new PageOrigin(NameOf(run), written.Manifest, Of(Split.Train), Of(Split.Eval))
        {
            BatchPairs = int.Parse(run.Config["batch_pairs"], CultureInfo.InvariantCulture),
            LearningRate = Number(run, "learning_rate")!.Value,
            MaxPromptLength = (int?)Number(run, "max_prompt_length"),
        };

        IReadOnlyList<Example> Of(Split split) => [.. rows.Where(row => row.Split == split).Select(row => row.Tokens)];
    }

    // A page's reference is the model that it begins with: edited pairs need one that is there.
    static void RequireReference(TrainedRun run, CheckpointChoice? checkpoint)
    {
        if (checkpoint is null && run.Text("reference_digest") is { } reference && run.Text("policy_digest") is { } policy
            && reference != policy)
        {
            throw new NotSupportedException($"{run.Folder} was trained against another model than it began with, and a page compares with "
                + "the one that it begins with. Give a checkpoint to begin with (`Checkpoint`).");
        }
    }

    static ModelFolder Open(TrainedRun run, CheckpointChoice? checkpoint)
    {
        var isAdapter = ModelFolder.IsAdapter(run.Checkpoint);
        if (checkpoint is not null)
        {
            return ModelFolder.Open(run.Checkpoint, adapter: null, WeightMapping.CopyOnWrite, BaseOf(run));
        }

        var model = run.Text("model")!;
        if (!isAdapter || run.Text("adapter") is not null)
        {
            return ModelFolder.Open(model, run.Text("adapter"), WeightMapping.CopyOnWrite, BaseOf(run));
        }

        var folder = ModelFolder.Open(model, adapter: null, WeightMapping.ReadOnly, BaseOf(run));
        try
        {
            ModelAdapter.Begin(folder, LoraConfig.Read(run.Checkpoint), (ulong)Number(run, "seed")!.Value);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    static BaseWeights? BaseOf(TrainedRun run) => ModelFolder.IsAdapter(run.Checkpoint) ? BaseWeights.OfRun(run.Config) : null;

    // Moments in 8 bits are AdamW's too: the page has room for whole ones.
    static ArtifactOptimizer OptimizerOf(TrainedRun run)
    {
        var usual = new ArtifactOptimizer();
        return usual with
        {
            Beta1 = Number(run, "adam_beta1") ?? usual.Beta1,
            Beta2 = Number(run, "adam_beta2") ?? usual.Beta2,
            Epsilon = Number(run, "adam_epsilon") ?? usual.Epsilon,
            WeightDecay = Number(run, "weight_decay") ?? usual.WeightDecay,
            MaxGradNorm = Number(run, "max_grad_norm") ?? usual.MaxGradNorm,
        };
    }

    static IReadOnlyList<(Split Split, Example Tokens)> RowsOf(TrainedRun run) => run.ReferenceCache is { } cache
        ? [.. ReferenceCache.Open(cache).Rows.Select(row => (row.Split, row.Tokens))]
        : [.. RunData.Of(run.Folder).Rows.Select(row => (row.Split, row.Tokens))];

    static string NameOf(TrainedRun run) => Path.GetFileName(Path.TrimEndingDirectorySeparator(run.Text("model")!));

    static double? Number(TrainedRun run, string entry) =>
        run.Config.TryGetValue(entry, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : null;
}
