using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;
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

    public static TheoryData<string, Way> Ways =>
        [.. GoldenFamily.Families.SelectMany(family => new[] { Way.Kept, Way.KeptInChunks }.Select(way => (family, way)))];

    public static TheoryData<string, string, Way> Cases => CasesOf(Enum.GetValues<Way>());

    public static TheoryData<string, string, Way> CasesOfSteps => CasesOf(Way.Kept, Way.RecomputedInChunks);

    /// <summary>What the engine keeps for the backward; in chunks: attention against few keys at a time.</summary>
    public enum Way
    {
        Kept,
        Recomputed,
        KeptInChunks,
        RecomputedInChunks,
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Log_probabilities_are_those_of_pytorch(string family, Way way)
    {
        using var golden = new GoldenFamily(family);
        using var engine = Open(golden, way);
        foreach (var layout in new[] { BatchLayout.Packed, BatchLayout.Stacked })
        {
            var pairs = ExamplePacking.Pack([.. golden.Pairs.Select(r => r.Tokens)], layout);
            AssertClose(golden.TokenLogps(pairs), engine.Score(pairs), Tolerances.GoldenToken, what: $"{layout} pairs");
            var mismatched = ExamplePacking.Pack(
                [.. golden.Feedback.Select(r => Example.Unjudged(r.Tokens.Prompt, r.Mismatched!.Tokens))], layout);
            AssertClose(
                golden.MismatchedTokenLogps(mismatched), engine.Score(mismatched), Tolerances.GoldenToken,
                what: $"{layout} mismatched completions");
        }
    }

    // Else the cases in chunks would run whole.
    [Theory]
    [MemberData(nameof(Families))]
    public void Layers_and_head_can_be_cut_where_their_largest_tensors_begin(string family)
    {
        using var golden = new GoldenFamily(family);
        var model = ModelFolder.ModelOf(golden.Folder);
        Assert.All(model.Layers(), layer => Assert.NotNull(AttentionCut.Of(layer)));
        Assert.NotNull(VocabularyCut.Of(model.Head()));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Weights_stored_in_16_bits_score_as_pytorch_scores_the_rounded_numbers(string family)
    {
        using var golden = new GoldenFamily(family);
        foreach (var (type, name) in new[] { (WeightType.BF16, "bf16"), (WeightType.F16, "fp16") })
        {
            using var folder = new TemporaryFolder();
            SaveAs(type, golden.Folder, folder);
            var pairs = ExamplePacking.Pack([.. golden.Pairs.Select(r => r.Tokens)]);
            using (var engine = StepEngine.Open(folder.Path, new() { Threads = 2 }))
            {
                AssertClose(golden.RoundedTokenLogps(pairs, name), engine.Score(pairs), Tolerances.Float32Graph, what: $"{name}, trained");
            }

            using var scorer = DecoderScorer.Load(folder.Path, threads: 2);
            AssertClose(golden.RoundedTokenLogps(pairs, name), scorer.Score(pairs), Tolerances.Float32Graph, what: $"{name}, frozen");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Losses_and_gradients_are_those_of_pytorch(string family, string objective, Way way)
    {
        using var golden = new GoldenFamily(family);
        using var engine = Open(golden, way);
        using var loss = new LossSession(golden.Objective(objective));
        var values = new StepPass(engine, loss, microPairs: null).Accumulate(golden.RowsOf(objective));
        AssertClose(golden.Loss(objective), values.Loss, Tolerances.Float32Graph);
        var gradients = golden.Gradients(objective);
        var globalNorm = Math.Sqrt(gradients.Values.Sum(g => g.Sum(v => v * v)));
        Assert.Equal(engine.Parameters.Names.Order(), gradients.Keys.Order());
        foreach (var (parameter, expected) in gradients)
        {
            var scale = Math.Max(expected.Max(Math.Abs), Tolerances.NegligibleGradient * globalNorm);
            AssertClose(expected, engine.Gradient(parameter), Tolerances.GoldenGradient * scale, what: parameter);
        }
    }

    [Theory]
    [MemberData(nameof(CasesOfSteps))]
    public void Ten_steps_of_adamw_lead_to_the_losses_of_pytorch(string family, string objective, Way way)
    {
        using var golden = new GoldenFamily(family);
        foreach (var run in golden.Runs(objective))
        {
            using var engine = Open(golden, way);
            using var loss = new LossSession(golden.Objective(objective));
            var pass = new StepPass(engine, loss, MicroRows);
            var rows = golden.RowsOf(objective);
            var differences = new List<double>();
            foreach (var (i, (expected, gradNorm)) in run.Steps.Index())
            {
                var actual = pass.Accumulate([.. Enumerable.Range(i * StepRows, StepRows).Select(r => rows[r % rows.Length])]).Loss;
                AssertClose(expected, actual, Tolerances.Float32Graph);
                differences.Add(actual - expected);
                var update = engine.Apply(new OptimizerStep(i + 1, LearningRate, run.MaxGradNorm, run.WeightDecay, DecaysVectors: true));
                AssertClose(gradNorm, update.GradNorm, relative: Tolerances.GoldenGradient);
            }

            // A drift to one side is a fault, even where each loss is near enough.
            AssertClose(0, differences.Average(), Tolerances.GoldenDrift);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_sequence_longer_than_the_positions_of_the_model_is_refused(string family)
    {
        using var golden = new GoldenFamily(family);
        using var engine = Open(golden, Way.Kept);
        var batch = ExamplePacking.Pack([Example.Pair([1, 2, 3], [4], [.. Enumerable.Repeat(5, 22)])]);
        var error = Assert.Throws<ArgumentException>(() => engine.Score(batch));
        Assert.Contains("25 tokens, and the model has 24 positions", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => engine.Accumulate(batch, logps => logps));
    }

    internal static EngineOptions Options(Way way) => new()
    {
        Threads = 2,
        KeptLayers = way is Way.Recomputed or Way.RecomputedInChunks ? 0 : null,
        ScoreBytes = way is Way.KeptInChunks or Way.RecomputedInChunks ? 0 : long.MaxValue,
    };

    /// <summary>The model in another type, in a folder of its own.</summary>
    internal static void SaveAs(WeightType type, string model, TemporaryFolder to)
    {
        to.Write("config.json", ConfigDtypeOf(model, type));
        using var folder = ModelFolder.Open(model);
        using var file = File.Create(to.File("model.safetensors"));
        SafetensorsWriter.Write(file, folder.Parameters.Select(
            name => new TensorSource(name, WeightType.F32, folder.Find(name)!.Shape, folder.Address(name)) { SavedAs = type }));
    }

    static string ConfigDtypeOf(string model, WeightType type) => File.ReadAllText(Path.Combine(model, "config.json"))
        .Replace("\"model_type\"", $"\"torch_dtype\": \"{type.ConfigName()}\", \"model_type\"", StringComparison.Ordinal);

    static TheoryData<string, string, Way> CasesOf(params Way[] ways) =>
    [
        .. GoldenFamily.Families.SelectMany(
            family => GoldenFamily.ObjectivesOf(family).SelectMany(objective => ways.Select(way => (family, objective, way)))),
    ];

    static StepEngine Open(GoldenFamily golden, Way way) => StepEngine.Open(golden.Folder, Options(way));
}
