using OrtDpo.Data;
using OrtDpo.Export;
using OrtDpo.Generate;
using OrtDpo.Precompute;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Demo.Tests;

/// <summary>The README's C#: the lines that it shows are those between the marks, and they run.</summary>
public sealed class ReadmeTests : IDisposable
{
    const string Begin = "        // README begins\n";
    const string End = "        // README ends\n";

    readonly TemporaryFolder made = new();

    public void Dispose() => made.Dispose();

    [Fact]
    public void What_it_shows_is_what_runs_here()
    {
        var source = File.ReadAllText(Repository.Find("tests", "Demo.Tests", "ReadmeTests.cs"));
        var start = source.LastIndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var lines = source[start..source.LastIndexOf(End, StringComparison.Ordinal)].Split('\n')
            .Select(line => line.Length > 8 ? line[8..] : line);
        Assert.Equal(ReadmeFile.Blocks.Single(block => block.Language == "csharp").Text, string.Join('\n', lines));
    }

    [Fact]
    public void It_trains_and_exports()
    {
        var recorded = Repository.Find("tests", "fixtures", "first-slice");
        var run = Chain(Path.Combine(recorded, "model"), Path.Combine(recorded, "data", "pairs.jsonl"), made.Path);
        Assert.Equal(20, run.State.Step);
        Assert.True(File.Exists(Path.Combine(made.Path, "deploy", "model.onnx")));
    }

    static TrainResult Chain(string model, string pairs, string folder)
    {
        // README begins
        var cache = PrecomputeStage.Run(
            new PrecomputeRequest
            {
                Model = model,
                Data = new DataSettings { Files = DataSource.FromPaths([pairs]), Split = new SplitRule(0.1, Seed: 0) },
                Out = Path.Combine(folder, "reference"),
                Threads = 2,
            },
            told => { });

        var options = new TrainingOptions { LearningRate = 1e-4, MaxSteps = 20 };
        var run = PreferenceTraining.Run(
            new TrainRequest { Model = model, Out = Path.Combine(folder, "run"), Options = options, Threads = 2 },
            cache.Folder,
            told =>
            {
                if (told is TrainEvent.Loop { Told: TrainingEvent.StepDone step })
                {
                    Console.WriteLine($"step {step.Step}: loss {step.Metrics["loss"]:0.000}");
                }
            });

        var export = RunExport.Run(run.Folder, Path.Combine(folder, "deploy"), threads: 2);
        using var text = TextModel.Load(Path.GetDirectoryName(export.Model)!, threads: 2);
        Console.WriteLine(text.Continue("3: apple door?", maxNewTokens: 8));
        // README ends
        return run;
    }
}
