using System.Text;
using System.Text.Json;
using OrtDpo.Adapters;
using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>
/// Adapters as PEFT saves them in the step engine in float32, against PyTorch's float64: tiny models of four families, an adapter with all
/// that decides ranks and scales, modules saved whole, layers without terms, and a base in 16 bits or 4.
/// </summary>
[Trait("Speed", "native")]
public sealed class GoldenAdapterTests
{
    // Those of the files' provenance.json; a step of four rows goes through the model as three and one.
    const string Objective = "sigmoid";
    const float LearningRate = 2e-3f;
    const int StepRows = 4;
    const int MicroRows = 3;

    public static TheoryData<string> Adapters => new(GoldenAdapter.Names);

    public static TheoryData<string> NewAdapters => new(GoldenAdapter.NewNames);

    public static TheoryData<string, string, GoldenFamilyTests.Way> Cases =>
    [
        .. GoldenAdapter.Names.SelectMany(name => new[] { GoldenAdapter.Before, GoldenAdapter.After }.SelectMany(
            stage => Enum.GetValues<GoldenFamilyTests.Way>().Select(way => (name, stage, way)))),
    ];

    public static TheoryData<string, GoldenFamilyTests.Way> CasesOfSteps =>
    [
        .. GoldenAdapter.Names.SelectMany(name => new[] { GoldenFamilyTests.Way.Kept, GoldenFamilyTests.Way.RecomputedInChunks }
            .Select(way => (name, way))),
    ];

    [Theory]
    [MemberData(nameof(NewAdapters))]
    public void Where_B_is_zero_log_probabilities_are_the_base_s_bit_for_bit(string name)
    {
        using var golden = new GoldenAdapter(name);
        using var folder = golden.Open(GoldenAdapter.Before);
        using var engine = StepEngine.Of(folder, new() { Threads = 2 });
        using var bare = ModelFolder.Open(golden.BaseFolder, adapter: null, WeightMapping.ReadOnly, golden.Base);
        using var plain = DecoderScorer.Of(bare, threads: 2);
        var pairs = ExamplePacking.Pack([.. golden.Family.Pairs.Select(r => r.Tokens)]);
        Assert.Equal(plain.Score(pairs), engine.Score(pairs));
    }

    [Theory]
    [InlineData("llama-bf16")]
    [InlineData("llama-variant-bf16")]
    public void On_a_base_in_16_bits_what_trains_is_float32(string name)
    {
        using var golden = new GoldenAdapter(name);
        using var folder = golden.Open(GoldenAdapter.Before);
        using var engine = StepEngine.Of(folder, new() { Threads = 2 });
        Assert.Equal(WeightType.BF16, folder.StoredType);
        Assert.All(engine.Parameters.Names.Where(engine.Parameters.Trains), n => Assert.Equal(DataType.Float32, engine.Parameters[n].Type));
        Assert.Equal(DataType.BFloat16, engine.Parameters["model.layers.0.mlp.up_proj.weight"].Type);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Log_probabilities_losses_and_gradients_are_those_of_pytorch(string name, string stage, GoldenFamilyTests.Way way)
    {
        using var golden = new GoldenAdapter(name);
        using var folder = golden.Open(stage);
        using var engine = StepEngine.Of(folder, GoldenFamilyTests.Options(way));
        foreach (var layout in new[] { BatchLayout.Packed, BatchLayout.Stacked })
        {
            var pairs = ExamplePacking.Pack([.. golden.Family.Pairs.Select(r => r.Tokens)], layout);
            AssertClose(golden.TokenLogps(stage, pairs), engine.Score(pairs), Tolerances.GoldenToken, what: $"{layout} pairs");
        }

        using var loss = new LossSession(golden.Family.Objective(Objective));
        var values = new StepPass(engine, loss, microPairs: null).Accumulate(golden.Family.Pairs);

        AssertClose(golden.Loss(stage), values.Loss, Tolerances.Float32Graph);
        var gradients = golden.Gradients(stage);
        var globalNorm = Math.Sqrt(gradients.Values.Sum(g => g.Sum(v => v * v)));
        Assert.Equal(engine.Parameters.Names.Where(engine.Parameters.Trains).Order(), gradients.Keys.Order());
        foreach (var (parameter, expected) in gradients)
        {
            var scale = Math.Max(expected.Max(Math.Abs), Tolerances.NegligibleGradient * globalNorm);
            AssertClose(expected, engine.Gradient(parameter), Tolerances.GoldenGradient * scale, what: parameter);
        }
    }

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Frozen_log_probabilities_are_those_of_pytorch(string name)
    {
        using var golden = new GoldenAdapter(name);
        AssertScores(golden, golden.Folder(GoldenAdapter.After));
    }

    [Theory]
    [MemberData(nameof(CasesOfSteps))]
    public void Fifty_steps_of_adamw_lead_to_the_losses_and_the_file_of_pytorch(string name, GoldenFamilyTests.Way way)
    {
        using var golden = new GoldenAdapter(name);
        using var folder = golden.Open(GoldenAdapter.Before);
        using var engine = StepEngine.Of(folder, GoldenFamilyTests.Options(way));
        using var loss = new LossSession(golden.Family.Objective(Objective));
        var pass = new StepPass(engine, loss, MicroRows);
        var rows = golden.Family.Pairs;
        var differences = new List<double>();
        foreach (var (i, (expected, gradNorm)) in golden.Run.Steps.Index())
        {
            var actual = pass.Accumulate([.. Enumerable.Range(i * StepRows, StepRows).Select(r => rows[r % rows.Length])]).Loss;
            AssertClose(expected, actual, Tolerances.Float32Graph, what: $"loss of step {i + 1}");
            differences.Add(actual - expected);
            var update = engine.Apply(
                new OptimizerStep(i + 1, LearningRate, golden.Run.MaxGradNorm, golden.Run.WeightDecay, DecaysVectors: true));
            AssertClose(gradNorm, update.GradNorm, relative: Tolerances.GoldenGradient, what: $"gradient norm of step {i + 1}");
        }

        Assert.Equal(50, differences.Count);
        // A drift to one side is a fault, even where each loss is near enough.
        AssertClose(0, differences.Average(), Tolerances.GoldenDrift);

        using var saved = new TemporaryFolder();
        engine.WriteState(saved.Path);
        using var found = SafetensorsFile.Open(saved.File(AdapterFile.FileName));
        using var trained = SafetensorsFile.Open(Path.Combine(golden.Folder(GoldenAdapter.After), AdapterFile.FileName));
        Assert.Equal(Tensors(trained), Tensors(found));
        foreach (var tensor in trained.Tensors.Values)
        {
            AssertClose(
                Floats(trained, tensor), Floats(found, found.Tensors[tensor.Name]), Tolerances.GoldenAdapterWeights, what: tensor.Name);
        }

        saved.Write(LoraConfig.FileName, folder.Adapter!.ConfigFor(folder).ToJson());
        AssertScores(golden, saved.Path);
    }

    /// <summary>But for the version of PEFT, and the base, which is where it lies.</summary>
    [Theory]
    [MemberData(nameof(Adapters))]
    public void The_configuration_is_written_as_PEFT_has_it(string name)
    {
        using var golden = new GoldenAdapter(name);
        using var folder = golden.Open(GoldenAdapter.Before);
        var named = $"\"tiny/{Path.GetFileName(golden.Family.Folder)}\"";
        var expected = File.ReadAllText(Path.Combine(golden.Folder(GoldenAdapter.Before), LoraConfig.FileName))
            .Replace(named, JsonSerializer.Serialize(golden.BaseFolder), StringComparison.Ordinal)
            .Replace("  \"peft_version\": \"0.18.0\",\n", "", StringComparison.Ordinal);
        Assert.Equal(expected, Encoding.UTF8.GetString(folder.Adapter!.ConfigFor(folder).ToJson()));
    }

    static void AssertScores(GoldenAdapter golden, string adapter)
    {
        using var folder = ModelFolder.Open(golden.BaseFolder, adapter, WeightMapping.ReadOnly, golden.Base);
        using var scorer = DecoderScorer.Of(folder, threads: 2);
        var pairs = ExamplePacking.Pack([.. golden.Family.Pairs.Select(r => r.Tokens)]);
        AssertClose(golden.TokenLogps(GoldenAdapter.After, pairs), scorer.Score(pairs), Tolerances.GoldenToken);
    }

    static IEnumerable<string> Tensors(SafetensorsFile file) =>
        file.Tensors.Values.Select(t => $"{t.Name} {t.Type} {t.ShapeText}").Order(StringComparer.Ordinal);

    static unsafe ReadOnlySpan<float> Floats(SafetensorsFile file, TensorEntry tensor) =>
        new((void*)file.Address(tensor), checked((int)tensor.Count));
}
