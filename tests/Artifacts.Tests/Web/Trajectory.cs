using OrtDpo.Adapters;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Artifacts.Tests.Graphs;
using OrtDpo.Autodiff.Building;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Objectives;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Testing.Running;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>
/// A few steps of training twice: by the step engine, as the loop uses it, and by ONNX Runtime's training runtime over artifacts of the
/// same model, objective and adapter.
/// </summary>
sealed record Trajectory
{
    // ONNX Runtime's thread pool is the process's: all tests of a project use this many.
    const int Threads = 1;
    const ulong Seed = 5;
    const float MaxGradNorm = 1;

    /// <summary>Losses of the two by step.</summary>
    public required IReadOnlyList<(double Step, double Web)> Losses { get; init; }

    /// <summary>Norms of the gradients of the two by step, before clipping.</summary>
    public required IReadOnlyList<(double Step, double Web)> Norms { get; init; }

    /// <summary>The parameters that train, after the last step: how far apart the two are at most, and of which that is.</summary>
    public required (double Difference, string Name) Farthest { get; init; }

    /// <summary>How far a parameter moved at most in all steps.</summary>
    public required double Moved { get; init; }

    /// <summary>The largest distance of two losses.</summary>
    public double LossDifference => Losses.Max(pair => Math.Abs(pair.Step - pair.Web));

    /// <summary>Trains.</summary>
    /// <param name="model">The model's folder.</param>
    /// <param name="loss">The objective.</param>
    /// <param name="lora">A new adapter; null: the model trains whole.</param>
    /// <param name="run">How far.</param>
    public static Trajectory Of(string model, string loss, LoraConfig? lora, TrajectoryLength run)
    {
        OrtProcess.Start(Threads);
        using var temporary = new TemporaryFolder();
        var objective = Objective.Parse(loss);
        var artifacts = temporary.File("artifacts");
        var manifest = ArtifactWriter.Write(new ArtifactRequest
        {
            Model = model, Out = artifacts, Lora = lora, Seed = Seed,
            Options = new() { Objective = objective, Optimizer = new() { MaxGradNorm = MaxGradNorm, Epsilon = run.Epsilon } },
        }).Manifest;
        using var folder = Open(model, lora);
        folder.FixMaxLength(manifest.Model.MaxLength);
        using var engine = StepEngine.Of(folder, new EngineOptions { Threads = Threads });
        using var lossSession = new LossSession(objective);
        using var web = WebTraining.Open(artifacts, run.Patience);
        return Run(manifest, engine, lossSession, web, objective, new TextRows(engine, model, run.Pairs).Of(lossSession.Traits.Rows), run);
    }

    static Trajectory Run(
        ArtifactManifest manifest, StepEngine engine, LossSession loss, WebTraining web, Objective objective, TrainingRow[] rows,
        TrajectoryLength run)
    {
        var (losses, norms) = (new List<(double, double)>(), new List<(double, double)>());
        var pass = new StepPass(engine, loss, run.MicroRows);
        using var scorer = new WebScorer(web, objective, engine.VocabularySize, engine.Layout);
        var webPass = new ScoringPass(scorer, loss, run.MicroRows);
        var begin = engine.Parameters.Names.Where(engine.Parameters.Trains).ToDictionary(
            name => name, name => engine.Parameters.Master(name).ToArray<float>());
        for (var number = 1; number <= run.Steps; number++)
        {
            var first = (number - 1) * run.StepRows;
            TrainingRow[] step = [.. Enumerable.Range(first, run.StepRows).Select(i => rows[i % rows.Length])];
            var sums = pass.Accumulate(step);
            var applied = engine.Apply(new OptimizerStep(
                number, run.Rate, MaxGradNorm, WeightDecay: 0, Epsilon: run.Epsilon));
            var (webLoss, webNorm) = WebStep(step);
            losses.Add((sums.Loss, webLoss));
            norms.Add((applied.GradNorm, webNorm));
            web.Optimize(run.Rate);
        }

        var (farthest, name, moved) = (0.0, "", 0.0);
        var (all, at) = (web.Parameters(trainable: true), 0);
        foreach (var parameter in manifest.Parameters.Where(p => p.Trains))
        {
            var expected = engine.Parameters.Master(parameter.Name).ToArray<float>();
            for (var i = 0; i < expected.Length; i++)
            {
                moved = Math.Max(moved, Math.Abs(expected[i] - begin[parameter.Name][i]));
                if (!(Math.Abs(expected[i] - all[at + i]) <= farthest))
                {
                    (farthest, name) = (Math.Abs(expected[i] - all[at + i]), $"{parameter.Name}[{i}]");
                }
            }

            at += expected.Length;
        }

        Assert.Equal(all.Length, at);
        return new Trajectory { Losses = losses, Norms = norms, Farthest = (farthest, name), Moved = moved };

        (double Loss, double Norm) WebStep(TrainingRow[] step)
        {
            var (scales, kl, sum, norm) = (LossScales.Of(step), webPass.Kl(step), 0.0, 0.0);
            foreach (var micro in MicroBatches.Split(step, run.MicroRows, engine.Layout))
            {
                var feeds = ArtifactFeeds.Of(objective, micro.Rows, engine.Layout, kl);
                feeds[LossPorts.LossScale] = Tensor.Of(DataType.Float32, [], [scales.Rows]);
                feeds[LossPorts.TokenScale] = Tensor.Of(DataType.Float32, [], [scales.Tokens]);
                var outputs = web.Train(feeds);
                sum += outputs[LossPorts.Loss].Numbers()[0];
                norm = outputs[ArtifactPorts.GradNorm].Numbers()[0];
            }

            return (sum, norm);
        }
    }

    static ModelFolder Open(string model, LoraConfig? lora)
    {
        if (lora is null)
        {
            return ModelFolder.Open(model, WeightMapping.CopyOnWrite);
        }

        var folder = ModelFolder.Open(model);
        ModelAdapter.Begin(folder, lora, Seed);
        return folder;
    }
}

/// <summary>How far a trajectory goes.</summary>
sealed record TrajectoryLength
{
    /// <summary>Optimizer steps.</summary>
    public required int Steps { get; init; }

    /// <summary>The learning rate.</summary>
    public required float Rate { get; init; }

    /// <summary>AdamW's epsilon.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Pairs of text that rows are made of, gone through again and again.</summary>
    public required int Pairs { get; init; }

    /// <summary>Rows of a step.</summary>
    public required int StepRows { get; init; }

    /// <summary>Rows of a micro-batch.</summary>
    public required int MicroRows { get; init; }

    /// <summary>How long the runtime may take to install; past that the test is skipped.</summary>
    public required TimeSpan Patience { get; init; }
}
