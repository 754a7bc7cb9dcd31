using OrtDpo.Artifacts.Graphs;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Artifacts.Tests.Graphs;

/// <summary>A training model against the step engine, whose graphs, losses and sums are put together another way.</summary>
static class StepEngineComparison
{
    /// <summary>
    /// A tensor whose largest gradient is a smaller part of the norm of all is measured as if it were this part. Measured: elements of a
    /// key's bias, 1e-4 of the norm, 1.1e-5 of their largest off.
    /// </summary>
    const double NearlyCancels = 1e-3;

    /// <summary>The loss, the log-probabilities and every gradient agree, and buffers are overwritten or added to as is asked.</summary>
    public static void Holds(ArtifactCase model, Objective objective, int rows, int seed)
    {
        using var engine = StepEngine.Of(model.Folder, new EngineOptions { Threads = 1 });
        using var loss = new LossSession(objective);
        var step = RandomRows.Of(objective, model.Folder.Model.Sizes.VocabSize, rows, seed);
        var pass = new StepPass(engine, loss, microPairs: null);
        var kl = objective.NeedsKl ? pass.Kl(step) : 0;
        var layout = model.Folder.Model.Layout;
        var feeds = ArtifactFeeds.Of(objective, step, layout, kl);
        pass.Accumulate(step);

        var graphs = TrainingGraphs.Of(model.Folder.Model, objective, Export.Tests.RandomFamily.Positions);
        var first = model.Step(graphs, feeds, overwrites: true, (_, weight) => Filled(weight, 7));
        var second = model.Step(
            graphs, feeds, overwrites: false, (name, _) => first[AccumulatorStandIn.Accumulated(name)]);
        var trained = TrainingGraphs.Trained(model.Folder.Model);
        var squares = 0.0;
        var norm = Math.Sqrt(trained.Sum(name => engine.Gradient(name).Sum(g => (double)g * g)));
        foreach (var name in trained)
        {
            var expected = engine.Gradient(name);
            var once = first[AccumulatorStandIn.Accumulated(name)].Numbers();
            // What is added to keys moves all of a query's scores alike, but for their positions: a sum that nearly cancels.
            var largest = Math.Max(expected.Max(Math.Abs), norm * NearlyCancels);
            Close(expected.Select(g => (double)g), once, largest, name);
            Close(once.Select(g => 2 * g), second[AccumulatorStandIn.Accumulated(name)].Numbers(), largest, $"{name}, twice");
            squares += once.Sum(g => g * g);
        }

        Assert.Equal(Math.Sqrt(squares), first[ArtifactPorts.GradNorm].Numbers()[0], Math.Sqrt(squares) * Tolerances.Float32);
        Assert.Equal(2 * Math.Sqrt(squares), second[ArtifactPorts.GradNorm].Numbers()[0], 2 * Math.Sqrt(squares) * Tolerances.Float32);
    }

    static Tensor Filled(Tensor like, double value) => Tensor.Of(like.Type, like.Sizes, like.Numbers().Select(_ => value));

    // As parts of the largest in their tensor.
    static void Close(IEnumerable<double> expected, double[] actual, double largest, string what)
    {
        foreach (var ((want, got), i) in expected.Zip(actual).Select((pair, i) => (pair, i)))
        {
            Assert.True(
                Math.Abs(want - got) <= Tolerances.Float32Graph * largest, $"{what}[{i}]: {got}, expected {want}; largest {largest}");
        }
    }
}
