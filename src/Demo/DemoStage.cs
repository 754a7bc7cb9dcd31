using System.Diagnostics;
using OrtDpo.Data;
using OrtDpo.Export;
using OrtDpo.Generate;
using OrtDpo.Precompute;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Demo;

/// <summary>precompute → train → export → compare, each as its stage does it alone.</summary>
public static class DemoStage
{
    const int BatchPairs = 16;
    const int Steps = 150;
    const int AnswerTokens = 48;

    /// <summary>Makes <c>reference</c>, <c>run</c> and <c>deploy</c> in a new folder.</summary>
    /// <param name="request">What to tune, and where to.</param>
    /// <param name="report">Told of what happens.</param>
    /// <exception cref="IOException">The folder exists already, or a file is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the model or of the pairs is damaged.</exception>
    public static DemoResult Run(DemoRequest request, Action<DemoEvent> report)
    {
        if (Path.Exists(request.Out))
        {
            throw new IOException($"{request.Out} exists already. Choose a new folder with `Out`, or remove it.");
        }

        var clock = Stopwatch.StartNew();
        var precompute = Precompute(request);
        report(new DemoEvent.PrecomputeBegun(precompute));
        var precomputed = PrecomputeStage.Run(precompute, told => report(new DemoEvent.PrecomputeTold(told)));
        report(new DemoEvent.Precomputed(precomputed));
        var precomputeTime = clock.Elapsed;

        var training = Training(request);
        report(new DemoEvent.TrainBegun(training, precomputed.Folder));
        var trained = PreferenceTraining.Run(training, precomputed.Folder, told => report(new DemoEvent.TrainTold(told)));
        report(new DemoEvent.Trained(trained));
        var trainTime = clock.Elapsed - precomputeTime;

        var deploy = Path.Combine(request.Out, "deploy");
        report(new DemoEvent.ExportBegun(training.Out, deploy));
        var exported = RunExport.Run(training.Out, deploy, request.Threads);
        report(new DemoEvent.Exported(exported));
        var elapsed = clock.Elapsed;

        return new DemoResult
        {
            Precomputed = precomputed,
            Trained = trained,
            Exported = exported,
            Answers = Answers(request, deploy),
            PrecomputeTime = precomputeTime,
            TrainTime = trainTime,
            ExportTime = elapsed - precomputeTime - trainTime,
            PairsPerSecond = Steps * BatchPairs / trainTime.TotalSeconds,
        };
    }

    static PrecomputeRequest Precompute(DemoRequest request) => new()
    {
        Model = request.Model,
        Data = new DataSettings
        {
            Files = DataSource.FromPaths([Path.Combine(request.Model, "data", "train.jsonl")]),
            EvalFiles = DataSource.FromPaths([Path.Combine(request.Model, "data", "heldout.jsonl")]),
        },
        Threads = request.Threads,
        Out = Path.Combine(request.Out, "reference"),
    };

    static TrainRequest Training(DemoRequest request) => new()
    {
        Model = request.Model,
        Out = Path.Combine(request.Out, "run"),
        Threads = request.Threads,
        Options = new TrainingOptions
        {
            BatchPairs = BatchPairs, LearningRate = 1e-4, MaxSteps = Steps, EvalSteps = Steps / 2, SaveSteps = Steps,
        },
    };

    static DemoAnswer[] Answers(DemoRequest request, string deploy)
    {
        using var before = TextModel.Load(request.Model, request.Threads);
        using var after = TextModel.Load(deploy, request.Threads);
        return [.. DemoPrompts.Held.Select(
            prompt => new DemoAnswer(prompt, before.Continue(prompt, AnswerTokens), after.Continue(prompt, AnswerTokens)))];
    }
}
