using OrtDpo.Batches;
using OrtDpo.Objectives;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>
/// Every objective through the step engine on a tiny model: its base value, what it trains, and that micro-batches change nothing.
/// </summary>
[Trait("Speed", "native")]
public sealed class ObjectiveTests
{
    const int Rows = 8;
    const int Steps = 3;
    const float LearningRate = 1e-3f;

    static readonly Dictionary<string, ObjectiveOptions> Needs = new()
    {
        ["cdpo"] = new() { LabelSmoothing = 0.1 },
        ["robust"] = new() { LabelSmoothing = 0.1 },
        ["exo_pair"] = new() { LabelSmoothing = 0.001 },
        ["alphapo"] = new() { AlphapoAlpha = 0.2 },
    };

    static readonly Dictionary<string, LossChoice> Modified = new()
    {
        ["forward KL"] = new("sigmoid", new() { FDivergence = "forward_kl" }),
        ["Jensen-Shannon"] = new("bco_pair", new() { FDivergence = "js_divergence" }),
        ["alpha divergence"] = new("ipo", new() { FDivergence = "alpha_divergence", FAlpha = 0.3 }),
        ["length-desensitized"] = new("sigmoid", new() { LdAlpha = 0.4 }),
        ["length-desensitized over the step"] = new("aot_unpaired", new() { LdAlpha = 0.4, LabelSmoothing = 0.1 }),
        ["weighted labels"] = new("kto", new() { DesirableWeight = 1.5, UndesirableWeight = 0.5 }),
        ["mixed preferences"] = new("sigmoid:0.8,bco_pair:0.2,sft:1", new()),
        ["mixed over the step"] = new("aot,sft:0.5", new()),
        ["imitating without a reference"] = new("cpo,sft", new()),
    };

    public static TheoryData<string> Names => [.. Objective.Known.Select(known => known.Name), .. Modified.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_objective_begins_at_its_base_value_trains_every_parameter_and_ignores_micro_batches(string name)
    {
        using var model = new TinyLlama();
        var choice = Choice(name);
        var whole = Train(model, choice, microRows: Rows);
        var single = Train(model, choice, microRows: 1);

        Assert.All(whole.Losses, loss => Assert.True(double.IsFinite(loss)));
        foreach (var (parameter, (_, before)) in model.Weights)
        {
            Assert.False(before.AsSpan().SequenceEqual(whole.Parameters[parameter]), $"{parameter} has not changed.");
        }

        AssertSame(whole.Losses, single.Losses);
        AssertSame(whole.GradNorms, single.GradNorms);
        // Single parameters may differ by a whole update:
        // AdamW divides by the gradient's size, so rounding decides where that is all there is.
        var (difference, update) = (0.0, 0.0);
        foreach (var (parameter, (_, before)) in model.Weights)
        {
            for (var i = 0; i < before.Length; i++)
            {
                difference += Math.Abs(whole.Parameters[parameter][i] - single.Parameters[parameter][i]);
                update += Math.Abs(whole.Parameters[parameter][i] - before[i]);
            }
        }

        AssertClose(0, difference / update, Tolerances.SameUpdate);
    }

    [Fact]
    public void The_reference_point_of_kto_is_the_mean_over_all_mismatched_completions_of_the_step_and_not_below_zero()
    {
        using var model = new TinyLlama();
        using var engine = StepEngine.Open(model.Folder, new() { Threads = 2 });
        using var loss = new LossSession(new LossChoice("kto", new()).Objective);
        var rows = ObjectiveRows.Of(engine, model, loss.Traits.Rows, Rows);
        // Where the reference is the policy, its log-probability minus i is policy − reference = i.
        TrainingRow Shifted(TrainingRow row, int i, int sign) =>
            row with { Mismatched = row.Mismatched! with { RefLogps = row.Mismatched.RefLogps - (sign * i) } };
        AssertClose(3.5, new StepPass(engine, loss, 3).Kl([.. rows.Select((row, i) => Shifted(row, i, 1))]), Tolerances.SameStep);
        Assert.Equal(0, new StepPass(engine, loss, 3).Kl([.. rows.Select((row, i) => Shifted(row, i, -1))]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_empty_completion_gives_no_NaN(string name)
    {
        Runtime.Sessions.OrtProcess.Start(2);
        using var loss = new LossSession(Choice(name).Objective);
        var traits = loss.Traits;
        double[] Numbers(double first, double second) => traits.Rows == RowKind.Pair ? [0, first, second, 0] : [0, first];
        var inputs = new LossInputs(
            traits.Rows == RowKind.Pair ? 2 : 0, Numbers(-7, -9), traits.Rows == RowKind.Pair ? [0, 5, 4, 0] : [0, 5],
            traits.NeedsReference ? Numbers(-8, -6) : [], traits.Rows == RowKind.Unpaired ? [1, 0] : [], Kl: 0.1);
        var values = loss.Evaluate(inputs, new LossScales(0.5, 0.2));
        Assert.True(double.IsFinite(values.Loss), $"{values.Loss}");
        Assert.All(values.Slopes.Concat(values.Rewards), value => Assert.True(float.IsFinite(value), $"{value}"));
    }

    static LossChoice Choice(string name) =>
        Modified.TryGetValue(name, out var modified) ? modified : new LossChoice(name, Needs.GetValueOrDefault(name, new()));

    // Relative to the larger of the value and 1.
    static void AssertSame(double[] whole, double[] single)
    {
        AssertClose(whole, single, Tolerances.SameStep, relative: Tolerances.SameStep);
        // A drift to one side is a fault also where every point is within its bound.
        var differences = whole.Zip(single, (a, b) => (a - b) / Math.Max(1, Math.Abs(a)));
        AssertClose(0, differences.Average(), Tolerances.SameStep / 2);
    }

    static (double[] Losses, double[] GradNorms, Dictionary<string, float[]> Parameters) Train(
        TinyLlama model, LossChoice choice, int microRows)
    {
        using var engine = StepEngine.Open(model.Folder, new() { Threads = 2 });
        using var loss = new LossSession(choice.Objective);
        var rows = ObjectiveRows.Of(engine, model, loss.Traits.Rows, Rows);
        var pass = new StepPass(engine, loss, microRows);
        if (choice.Objective.BaseLoss is { } start)
        {
            AssertClose(start, pass.Score(rows).Loss, Tolerances.Float32, relative: Tolerances.Float32);
        }

        rows = [.. rows.Select(ObjectiveRows.WithOtherReference)];
        var (losses, norms) = (new double[Steps], new double[Steps]);
        for (var step = 0; step < Steps; step++)
        {
            var scored = pass.Score(rows).Loss;
            losses[step] = pass.Accumulate(rows).Loss;
            AssertClose(scored, losses[step], Tolerances.SameStep, relative: Tolerances.SameStep);
            var update = engine.Apply(new OptimizerStep(step + 1, LearningRate, MaxGradNorm: 1, WeightDecay: 0));
            Assert.True(update.Applied);
            norms[step] = update.GradNorm;
        }

        return (losses, norms, engine.Parameters.Names.ToDictionary(n => n, n => engine.Parameters[n].Span<float>().ToArray()));
    }
}
