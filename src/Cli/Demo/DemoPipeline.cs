using System.Diagnostics;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Export;
using OrtDpo.Cli.Precompute;
using OrtDpo.Cli.Train;
using OrtDpo.Data;
using OrtDpo.Generate;
using OrtDpo.Precompute;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Cli.Demo;

/// <summary>precompute → train → export → compare, each as its verb does it.</summary>
sealed class DemoPipeline(string folder, int threads, ProgramOutput output)
{
    const int BatchPairs = 16;

    static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "demo");

    string Reference => Path.Combine(folder, "reference");

    string RunPath => Path.Combine(folder, "run");

    string Deploy => Path.Combine(folder, "deploy");

    public void Run()
    {
        if (Path.Exists(folder))
        {
            throw new IOException($"{folder} exists already. Choose a new folder with --out, or remove it.");
        }

        var clock = Stopwatch.StartNew();
        Stage(
            "1. precompute: the frozen reference is run once",
            "precompute --model MODEL --data train.jsonl --eval-data heldout.jsonl --out reference");
        PrecomputeCommand.Run(Precompute(), output);
        var precomputed = clock.Elapsed;

        var settings = Training();
        Stage(
            "2. train: only the policy is in memory",
            $"train --model MODEL --ref reference --out run --batch-pairs {BatchPairs} "
            + $"--learning-rate {settings.Options.LearningRate} --max-steps {settings.Options.MaxSteps}");
        var run = TrainCommand.Run(settings, output, report => PreferenceTraining.Run(settings, Reference, report));
        var trained = clock.Elapsed;

        Stage("3. export: a model that hosts of ONNX Runtime load", "export --run run --out deploy");
        var export = ExportCommand.Run(RunPath, Deploy, threads, output);

        output.WriteLine();
        var pairs = (long)settings.Options.MaxSteps! * BatchPairs;
        foreach (var line in DemoTable.Lines(
            run.Evaluations[0], run.Evaluations[^1], export.Parity, pairs / (trained - precomputed).TotalSeconds, clock.Elapsed))
        {
            output.WriteLine(line);
        }

        output.WriteLine();
        Answers();
        output.WriteLine();
        WriteWhere(run.Checkpoint);
    }

    PrecomputeRequest Precompute() => new()
    {
        Model = Shipped,
        Data = new DataSettings
        {
            Files = DataSource.FromPaths([Path.Combine(Shipped, "data", "train.jsonl")]),
            EvalFiles = DataSource.FromPaths([Path.Combine(Shipped, "data", "heldout.jsonl")]),
        },
        Shard = Shard.Whole,
        Reuse = [],
        Threads = threads,
        Out = Reference,
    };

    TrainRequest Training() => new()
    {
        Loss = LossChoice.Dpo,
        Model = Shipped,
        Out = RunPath,
        Threads = threads,
        Recompute = false,
        Resume = false,
        Options = new TrainingOptions { BatchPairs = BatchPairs, LearningRate = 1e-4, MaxSteps = 150, EvalSteps = 75, SaveSteps = 150 },
    };

    void Answers()
    {
        using var before = TextModel.Load(Shipped, threads);
        using var after = TextModel.Load(Deploy, threads);
        foreach (var prompt in DemoPrompts.Held)
        {
            output.WriteLine(prompt.Replace("\n", " ", StringComparison.Ordinal));
            output.WriteLine($"  before: {before.Continue(prompt, 48).Trim()}");
            output.WriteLine($"  after:  {after.Continue(prompt, 48).Trim()}");
        }
    }

    void WriteWhere(string policy) => output.WriteTable(
        ["reference cache", Reference],
        ["run (metrics.jsonl, checkpoint)", RunPath],
        ["tuned policy, Hugging Face layout", policy],
        ["tuned policy, ONNX", Path.Combine(Deploy, "model.onnx")],
        [
            "talk to it",
            $"ortdpo generate --model {Deploy} --prompt \"{DemoPrompts.Held[0].Replace("\n", "\\n", StringComparison.Ordinal)}\"",
        ]);

    void Stage(string what, string command)
    {
        output.WriteLine();
        output.WriteLine($"== {what}");
        output.WriteLine($"   ortdpo {command}");
        output.WriteLine();
    }
}
