using System.Globalization;
using OrtDpo.Data.Cache;
using OrtDpo.Core.CommandLine;
using OrtDpo.Runs;
using OrtDpo.Training;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Tokenizers;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train;

/// <summary>What <c>train</c> and <c>sft</c> do once their rows are there: run folder, engine, loop, manifest.</summary>
sealed class TrainingRun
{
    readonly TrainSettings settings;
    readonly ProgramOutput output;

    public TrainingRun(string kind, TrainSettings settings, ProgramOutput output)
    {
        Kind = kind;
        this.settings = settings;
        this.output = output;
        Config.Add("kind", kind).Add("model", Path.GetFullPath(settings.Model)).Informative();
    }

    public string Kind { get; }

    /// <summary>The resolved configuration; the caller adds what is its own before <see cref="Execute"/>.</summary>
    public RunConfig Config { get; } = new();

    /// <summary>Digests of what goes in, by name.</summary>
    public SortedDictionary<string, string> Inputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the policy starts as the cache's reference, which the step-0 gate then checks.</summary>
    public bool StartsAsReference { get; set; }

    /// <summary>Trains. Everything that can be refused is refused before the run's folder is made.</summary>
    public void Execute(TrainingPlan plan, ModelTokenizer tokenizer, Action<RunFolder> begun)
    {
        RequireIds(plan);
        AddOptions(plan);
        using var engine = StepEngine.Open(
            settings.Model, new EngineOptions { Threads = settings.Threads, Recompute = settings.Recompute });
        // After the engine, which starts ONNX Runtime with the threads asked for.
        using var loss = new LossSession(settings.Loss.Objective);
        using var folder = RunFolder.Open(settings.Out, Config, settings.Resume);
        FileJson.Write(Path.Combine(folder.Path, RunEnvironment.FileName), RunEnvironment.Read(OrtProcess.Version, settings.Threads));
        foreach (var line in Decisions.Lines(plan, settings))
        {
            output.WriteLine(line);
        }

        foreach (var note in engine.Model.Notes)
        {
            output.WriteLine($"model: {note}");
        }

        begun(folder);
        foreach (var note in folder.Notes)
        {
            output.WriteLine($"resumed otherwise than before: {note}; last bits may differ");
        }

        TrainerState? state = null;
        output.Track("training", plan.TotalSteps, "steps", done =>
        {
            var report = new TrainingReport(output, settings.Resume, done);
            state = new TrainingLoop(engine, loss, plan, folder.Path, TimeProvider.System)
            {
                ModelFiles = [.. new[] { Path.Combine(settings.Model, "config.json") }.Where(File.Exists), .. tokenizer.Files],
                StartsAsReference = StartsAsReference,
                Report = report.Tell,
            }.Run();
        });
        WriteManifest(folder.Path, state!);
    }

    void WriteManifest(string folder, TrainerState state)
    {
        var checkpoint = new Checkpoints(folder).PathOf(state.Step);
        RunManifest.Write(
            folder,
            Kind,
            Inputs,
            [
                RunConfig.FileName, "metrics.jsonl", .. RunData.FilesIn(folder),
                .. Directory.GetFiles(checkpoint).Select(file => Path.GetRelativePath(folder, file)),
            ]);
        output.WriteLine($"policy: {checkpoint}");
    }

    // The gather that embeds tokens would read other memory, or fail without a name.
    void RequireIds(TrainingPlan plan)
    {
        var size = Models.ModelFolder.ModelOf(settings.Model).Sizes.VocabSize;
        foreach (var row in plan.TrainRows.Concat(plan.EvalRows))
        {
            var largest = row.Tokens.LargestId;
            if (largest >= size)
            {
                throw new InvalidDataException($"Row {row.Id} holds token id {largest}, but the vocabulary of {settings.Model} has {size}. "
                    + "Train the model that the data were tokenized for.");
            }
        }
    }

    void AddOptions(TrainingPlan plan)
    {
        var options = plan.Options;
        settings.Loss.AddTo(Config);
        Config.Add("learning_rate", options.LearningRate)
            .Add("warmup_ratio", options.WarmupRatio)
            .Add("weight_decay", options.WeightDecay)
            .Add("max_grad_norm", options.MaxGradNorm)
            .Add("total_steps", plan.TotalSteps)
            .Add("batch_pairs", options.BatchPairs)
            .Add("micro_pairs", options.MicroPairs?.ToString(CultureInfo.InvariantCulture) ?? "auto")
            .Add("save_steps", options.SaveSteps)
            .Add("eval_steps", options.EvalSteps)
            .Add("seed", (long)options.Seed)
            .Add("threads", settings.Threads).Informative()
            .Add("recompute", settings.Recompute).Informative();
    }
}
