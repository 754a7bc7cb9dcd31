using System.Text.Json.Nodes;
using OrtDpo.Generate;
using OrtDpo.Precompute;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Demo.Tests;

/// <summary>The demo as a C# program runs it, on a model that needs a second; `ortdpo demo` runs it on the shipped one.</summary>
public sealed class DemoStageTests : IDisposable
{
    const int Threads = 2;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_program_gets_every_event_and_a_result_that_agrees_with_the_files()
    {
        // Asked before anything runs, what the process offers decides nothing: the demo chooses its threads after it.
        var installation = Installation.Read();
        Assert.Contains(installation.OnnxRuntime.Devices, device => device.Provider == "CPUExecutionProvider");
        Assert.Equal(
            installation.OnnxRuntime.Version,
            installation.Packages.Single(package => package.Name == "Microsoft.ML.OnnxRuntime").Version);

        var events = new List<DemoEvent>();
        var request = new DemoRequest { Model = WriteModel(), Threads = Threads, Out = folder.File("made") };
        var result = DemoStage.Run(request, events.Add);
        Assert.Equal(installation.OnnxRuntime.Devices, Installation.Read().OnnxRuntime.Devices);

        Assert.Equal(
            [
                typeof(DemoEvent.PrecomputeBegun), typeof(DemoEvent.PrecomputeTold), typeof(DemoEvent.Precomputed),
                typeof(DemoEvent.TrainBegun), typeof(DemoEvent.TrainTold), typeof(DemoEvent.Trained),
                typeof(DemoEvent.ExportBegun), typeof(DemoEvent.Exported),
            ],
            events.Select(told => told.GetType()).Distinct());
        var steps = events.OfType<DemoEvent.TrainTold>()
            .Count(told => told.Told is TrainEvent.Loop { Told: TrainingEvent.StepDone });
        var options = events.OfType<DemoEvent.TrainBegun>().Single().Request.Options;
        Assert.Equal(options.MaxSteps, steps);

        // What the result says is what lies in the folder.
        Assert.Equal(folder.File("made"), Path.GetDirectoryName(result.Trained.Folder));
        JsonNode[] evaluations =
        [
            .. File.ReadLines(Path.Combine(result.Trained.Folder, "metrics.jsonl"))
                .Select(line => JsonNode.Parse(line)!).Where(line => line["eval_loss"] is not null),
        ];
        AssertClose((double)evaluations[0]["eval_loss"]!, result.Before["eval_loss"], Tolerances.Float64);
        AssertClose((double)evaluations[^1]["eval_loss"]!, result.After["eval_loss"], Tolerances.Float64);
        AssertClose(Math.Log(2), result.Before["eval_loss"], Tolerances.BaseValueOfCache);
        Assert.InRange(result.After["eval_loss"], 0, result.Before["eval_loss"] - 1e-4);
        Assert.True(result.Exported.Parity.Holds);
        Assert.Equal(8, result.Exported.Parity.Pairs);
        AssertClose(
            steps * options.BatchPairs, result.PairsPerSecond * result.TrainTime.TotalSeconds, relative: Tolerances.Float64);
        Assert.Equal(result.PrecomputeTime + result.TrainTime + result.ExportTime, result.Elapsed);

        // The answers are those of the two models.
        using var policy = TextModel.Load(result.Trained.Checkpoint, Threads);
        using var start = TextModel.Load(request.Model, Threads);
        Assert.Equal(3, result.Answers.Count);
        Assert.All(result.Answers, answer => Assert.Equal(answer.After, policy.Continue(answer.Prompt, 48)));
        Assert.All(result.Answers, answer => Assert.Equal(answer.Before, start.Continue(answer.Prompt, 48)));
    }

    [Fact]
    public void A_folder_that_is_there_is_not_written_into()
    {
        var request = new DemoRequest { Model = folder.File("model"), Threads = Threads, Out = folder.Path };
        var refused = Assert.Throws<IOException>(() => DemoStage.Run(request, _ => Assert.Fail("Something was told.")));
        Assert.Equal($"{folder.Path} exists already. Choose a new folder with `Out`, or remove it.", refused.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    // 24 pairs to train on and 8 that are held out, of a model with twelve words.
    string WriteModel()
    {
        var model = Directory.CreateDirectory(folder.File("model")).FullName;
        var data = Directory.CreateDirectory(Path.Combine(model, "data")).FullName;
        var recorded = Repository.Find("tests", "fixtures", "first-slice");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(recorded, "model")))
        {
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        }

        var pairs = File.ReadAllLines(Path.Combine(recorded, "data", "pairs.jsonl"));
        File.WriteAllLines(Path.Combine(data, "train.jsonl"), pairs[..24]);
        File.WriteAllLines(Path.Combine(data, "heldout.jsonl"), pairs[24..]);
        return model;
    }
}
