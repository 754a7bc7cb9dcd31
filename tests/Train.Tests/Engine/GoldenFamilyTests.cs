using OrtDpo.Batches;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>
/// Every family in the step engine in float32, on packed and stacked batches, against PyTorch's float64 on every sequence alone.
/// </summary>
[Trait("Speed", "native")]
public sealed class GoldenFamilyTests
{
    // Those of the files' provenance.json: a step of four rows goes through the model as three and one.
    const float LearningRate = 1e-3f;
    const int StepRows = 4;
    const int MicroRows = 3;

    public static TheoryData<string> Families => [.. GoldenFamily.Families];

    public static TheoryData<string, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, bool>();
            foreach (var family in GoldenFamily.Families)
            {
                foreach (var objective in GoldenFamily.Objectives)
                {
                    cases.Add(family, objective, false);
                    cases.Add(family, objective, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Log_probabilities_are_those_of_pytorch(string family)
    {
        using var golden = new GoldenFamily(family);
        using var engine = Open(golden, recompute: false);
        foreach (var layout in new[] { BatchLayout.Packed, BatchLayout.Stacked })
        {
            var pairs = PairPacking.Pack([.. golden.Pairs.Select(r => r.Tokens)], layout);
            AssertClose(golden.TokenLogps(pairs), engine.Score(pairs), 2e-5, $"{layout} pairs");
            var mismatched = PairPacking.Pack(
                [.. golden.Feedback.Select(r => new PairTokens(r.Tokens.Prompt, r.Feedback!.Mismatched, []))], layout);
            AssertClose(golden.MismatchedTokenLogps(mismatched), engine.Score(mismatched), 2e-5, $"{layout} mismatched completions");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Losses_and_gradients_are_those_of_pytorch(string family, string objective, bool recompute)
    {
        using var golden = new GoldenFamily(family);
        using var engine = Open(golden, recompute);
        using var loss = new LossSession(golden.Objective(objective));
        Assert.Equal(golden.Loss(objective), new StepPass(engine, loss, microPairs: null).Accumulate(golden.RowsOf(objective)).Loss, 1e-5);
        var gradients = golden.Gradients(objective);
        var globalNorm = Math.Sqrt(gradients.Values.Sum(g => g.Sum(v => v * v)));
        Assert.Equal(engine.Parameters.Names.Order(), gradients.Keys.Order());
        foreach (var (parameter, expected) in gradients)
        {
            var scale = Math.Max(expected.Max(Math.Abs), 1e-6 * globalNorm);
            AssertClose(expected, engine.Gradient(parameter).ToArray(), 1e-4 * scale, parameter);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ten_steps_of_adamw_lead_to_the_losses_of_pytorch(string family, string objective, bool recompute)
    {
        using var golden = new GoldenFamily(family);
        foreach (var run in golden.Runs(objective))
        {
            using var engine = Open(golden, recompute);
            using var loss = new LossSession(golden.Objective(objective));
            var pass = new StepPass(engine, loss, MicroRows);
            var rows = golden.RowsOf(objective);
            var differences = new List<double>();
            foreach (var (i, (expected, gradNorm)) in run.Steps.Index())
            {
                var actual = pass.Accumulate([.. Enumerable.Range(i * StepRows, StepRows).Select(r => rows[r % rows.Length])]).Loss;
                Assert.Equal(expected, actual, 1e-5);
                differences.Add(actual - expected);
                var update = engine.Apply(new OptimizerStep(i + 1, LearningRate, run.MaxGradNorm, run.WeightDecay));
                Assert.Equal(gradNorm, update.GradNorm, 1e-4 * gradNorm);
            }

            // A drift to one side is a fault, even where each loss is near enough.
            Assert.InRange(differences.Average(), -2e-6, 2e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_sequence_longer_than_the_positions_of_the_model_is_refused(string family)
    {
        using var golden = new GoldenFamily(family);
        using var engine = Open(golden, recompute: false);
        var batch = PairPacking.Pack([new([1, 2, 3], [4], [.. Enumerable.Repeat(5, 22)])]);
        var error = Assert.Throws<ArgumentException>(() => engine.Score(batch));
        Assert.Contains("25 tokens, and the model has 24 positions", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => engine.Accumulate(batch, logps => logps));
    }

    static StepEngine Open(GoldenFamily golden, bool recompute) =>
        StepEngine.Open(golden.Folder, new() { Threads = 2, Recompute = recompute });

    static void AssertClose(double[] expected, float[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var worst = expected.Zip(actual).Max(v => Math.Abs(v.First - v.Second));
        Assert.True(worst <= tolerance, $"{what}: largest difference {worst:e2}, allowed {tolerance:e2}.");
    }
}
