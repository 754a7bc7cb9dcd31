using OrtDpo.Adapters;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Artifacts.Tests.Graphs;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Objectives;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
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
    /// <param name="isText">Whether rows are texts, for a model that was trained; else they are random tokens.</param>
    /// <param name="loss">The objective.</param>
    /// <param name="lora">A new adapter; null: the model trains whole.</param>
    /// <param name="isOutside">Whether the loss is the loop's, and the artifacts take its slopes; else it is inside of them.</param>
    /// <param name="run">How far.</param>
    public static Trajectory Of(
        string model, bool isText, string loss, LoraConfig? lora, bool isOutside, TrajectoryLength run)
    {
        OrtProcess.Start(Threads);
        using var temporary = new TemporaryFolder();
        var objective = Objective.Parse(loss);
        var artifacts = temporary.File("artifacts");
        var manifest = ArtifactWriter.Write(new ArtifactRequest
        {
            Model = model, Out = artifacts, Lora = lora, Seed = Seed,
            Options = new()
            {
                Objective = isOutside ? null : objective, Optimizer = new() { MaxGradNorm = MaxGradNorm, Epsilon = run.Epsilon },
            },
        }).Manifest;
        using var folder = Open(model, lora);
        folder.FixMaxLength(manifest.Model.MaxLength);
        using var engine = StepEngine.Of(folder, new EngineOptions { Threads = Threads });
        using var lossSession = new LossSession(objective);
        using var web = WebTraining.Open(artifacts, run.Patience, isShort: !isText);
        var steps = new WebSteps(web, objective, lossSession, engine, run.MicroRows);
        var rows = isText
            ? new TextRows(engine, model, run.Pairs).Of(lossSession.Traits.Rows)
            : RandomRows.Of(objective, engine.VocabularySize, run.Pairs, seed: 3);
        var begin = Trained(engine, manifest);
        var pass = new StepPass(engine, lossSession, run.MicroRows);
        var (losses, norms) = (new List<(double, double)>(), new List<(double, double)>());
        for (var number = 1; number <= run.Steps; number++)
        {
            var first = (number - 1) * run.StepRows;
            TrainingRow[] step = [.. Enumerable.Range(first, run.StepRows).Select(i => rows[i % rows.Length])];
            var sums = pass.Accumulate(step);
            var applied = engine.Apply(new OptimizerStep(
                number, run.Rate, MaxGradNorm, WeightDecay: 0, Epsilon: run.Epsilon));
            var found = isOutside ? steps.Outside(step) : steps.Inside(step);
            web.Optimize(run.Rate);
            losses.Add((sums.Loss, found.Loss));
            norms.Add((applied.GradNorm, found.Norm));
        }

        var (trained, device) = (Trained(engine, manifest), web.Parameters(trainable: true));
        Assert.Equal(trained.Length, device.Length);
        var farthest = Enumerable.Range(0, device.Length).MaxBy(i => Distance(trained[i].Value, device[i]));
        return new Trajectory
        {
            Losses = losses, Norms = norms, Moved = trained.Zip(begin, (now, then) => Distance(now.Value, then.Value)).Max(),
            Farthest = (Distance(trained[farthest].Value, device[farthest]), trained[farthest].Name),
        };
    }

    // What is no number is farther than any.
    static double Distance(float x, float y) =>
        Math.Abs(x - y) is var distance && float.IsNaN(distance) ? double.PositiveInfinity : distance;

    // One behind the other, as the runtime has them.
    static (string Name, float Value)[] Trained(StepEngine engine, ArtifactManifest manifest) =>
    [
        .. manifest.Parameters.Where(p => p.Trains).SelectMany(
            p => engine.Parameters.Master(p.Name).ToArray<float>().Select((value, i) => ($"{p.Name}[{i}]", value))),
    ];

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
