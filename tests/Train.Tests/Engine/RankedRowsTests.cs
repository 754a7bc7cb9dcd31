using OrtDpo.Batches;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>Ranked completions, whose prompt goes through the model once for all their pairs, against these pairs one by one.</summary>
[Trait("Speed", "native")]
public sealed class RankedRowsTests
{
    public static TheoryData<string> Losses => ["sigmoid", "length-desensitized", "ipo", "aot", "cpo,sft"];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Joined_pairs_have_the_loss_metrics_and_gradients_of_their_pairs_one_by_one(string name)
    {
        using var model = new TinyLlama();
        using var engine = StepEngine.Open(model.Folder, new() { Threads = 2 });
        var choice = name == "length-desensitized" ? new LossChoice("sigmoid", new() { LdAlpha = 0.4 }) : new LossChoice(name, new());
        using var loss = new LossSession(choice.Objective);
        var pairs = Pairs(engine, model, loss.Traits.NeedsReference);
        var joined = RankedRows.Join(pairs);
        Assert.Equal((3, 4, 6), (joined.Count, joined[0].Tokens.Completions.Count, joined[0].Terms));
        // Each pair of its own lies in another row of the data.
        var apart = RankedRows.Join(pairs.Select((pair, i) => pair with { SourceRow = i + 1 }));
        Assert.Equal(pairs.Count, apart.Count);

        var expected = Accumulated(engine, loss, apart);
        var actual = Accumulated(engine, loss, joined);
        AssertClose(expected.Loss, actual.Loss, Tolerances.SameStep);
        Assert.Equal(expected.Metrics.Keys, actual.Metrics.Keys);
        Assert.All(expected.Metrics, metric => AssertClose(metric.Value, actual.Metrics[metric.Key], Tolerances.Float32));
        foreach (var (parameter, gradient) in expected.Gradients)
        {
            AssertClose(gradient, actual.Gradients[parameter], Tolerances.SameStep * gradient.Max(Math.Abs), what: parameter);
        }
    }

    [Fact]
    public void Copies_by_a_weight_stay_copies_and_other_rows_stay_as_they_are()
    {
        using var model = new TinyLlama();
        using var engine = StepEngine.Open(model.Folder, new() { Threads = 2 });
        var pairs = Pairs(engine, model, hasReference: true).Where(row => row.SourceRow == 1).ToList();
        TrainingRow[] twice = [.. pairs.Concat(pairs).OrderBy(row => row.Keys[0])];
        Assert.Equal([6, 6], RankedRows.Join(twice).Select(row => row.Terms));
        TrainingRow[] copies = [pairs[0], pairs[0], pairs[0] with { SourceRow = 2 }];
        Assert.Equal(copies, RankedRows.Join(copies));
        Assert.Empty(RankedRows.Join([]));
    }

    static (double Loss, Dictionary<string, double> Metrics, Dictionary<string, float[]> Gradients) Accumulated(
        StepEngine engine, LossSession loss, List<TrainingRow> rows)
    {
        var sums = new StepPass(engine, loss, microPairs: 6).Accumulate(rows);
        var gradients = engine.Parameters.Names.ToDictionary(name => name, name => engine.Gradient(name).ToArray());
        // A learning rate of 0 clears the gradients and moves nothing.
        engine.Apply(new OptimizerStep(1, LearningRate: 0, MaxGradNorm: 0, WeightDecay: 0));
        var line = new Runs.MetricsLine();
        sums.WriteTo(line);
        return (sums.Loss, line.Values.ToDictionary(value => value.Key, value => line[value.Key]), gradients);
    }

    // Four completions of each of three prompts, and all six pairs of them.
    static List<TrainingRow> Pairs(StepEngine engine, TinyLlama model, bool hasReference)
    {
        var rows = new List<TrainingRow>();
        var some = model.Pairs(6);
        for (var i = 0; i < 3; i++)
        {
            int[][] completions = [.. some[2 * i].Completions, .. some[(2 * i) + 1].Completions];
            var prompt = some[2 * i].Prompt;
            for (var chosen = 0; chosen < 4; chosen++)
            {
                for (var rejected = chosen + 1; rejected < 4; rejected++)
                {
                    var pair = Example.Pair(prompt, completions[chosen], completions[rejected]);
                    rows.Add(new TrainingRow(
                        [$"{i} {chosen} {rejected}"], pair, hasReference ? Reference(engine, pair) : null, "ranked.jsonl", i + 1));
                }
            }
        }

        return rows;
    }

    // Not the policy's own, so that no pair's loss is ln 2; the same of a completion in all its pairs.
    static CompletionLogps[] Reference(StepEngine engine, Example pair)
    {
        var batch = ExamplePacking.Pack([pair]);
        var logps = engine.Score(batch);
        return [.. pair.Completions.Select((completion, k) => CompletionLogps.Of(
            [.. logps.Skip(k * batch.CompletionWidth).Take(completion.Length).Select(
                logp => logp * (0.9f + (0.1f * (completion.Length % 4))))]))];
    }
}
