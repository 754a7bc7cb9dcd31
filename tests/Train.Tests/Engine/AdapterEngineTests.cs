using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Runtime.Memory;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>Adapters in the step engine, against PyTorch's gradients of the weights that they stand beside, and against the base.</summary>
[Trait("Speed", "native")]
public sealed class AdapterEngineTests
{
    const string Objective = "sigmoid";
    const int Rank = 3;
    const double Scale = 1.5;
    const ulong Seed = 5;

    public static TheoryData<string, GoldenFamilyTests.Way> Cases =>
    [
        .. GoldenFamily.Families.SelectMany(family => Enum.GetValues<GoldenFamilyTests.Way>().Select(way => (family, way))),
    ];

    /// <summary>With B = 0: dA = 0 and dB = s dW Aᵀ, dW being PyTorch's.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void A_new_adapter_has_the_base_s_numbers_and_the_gradients_that_follow_from_pytorch_s(
        string family, GoldenFamilyTests.Way way)
    {
        using var golden = new GoldenFamily(family);
        using var folder = ModelFolder.Open(golden.Folder);
        var products = AdaptedModel.ProductsOf(folder.Model);
        NewAdapter.Attach(folder, products.ToDictionary(p => p.Weight, _ => new LowRankTerm(Rank, Scale)), new HashSet<string>(), Seed);
        using var engine = StepEngine.Of(folder, GoldenFamilyTests.Options(way));
        using var plain = StepEngine.Open(golden.Folder, GoldenFamilyTests.Options(way));
        var pairs = ExamplePacking.Pack([.. golden.Pairs.Select(r => r.Tokens)]);
        Assert.Equal(plain.Score(pairs), engine.Score(pairs));

        using var loss = new LossSession(golden.Objective(Objective));
        var values = new StepPass(engine, loss, microPairs: null).Accumulate(golden.RowsOf(Objective));

        AssertClose(golden.Loss(Objective), values.Loss, Tolerances.Float32Graph);
        var gradients = golden.Gradients(Objective);
        foreach (var (weight, product) in products)
        {
            Assert.All(engine.Gradient(LowRankTerm.A(weight)).ToArray(), g => Assert.Equal(0, g));
            var a = engine.Parameters[LowRankTerm.A(weight)].Span<float>().ToArray();
            var expected = new double[product.OutFeatures * Rank];
            for (var o = 0; o < product.OutFeatures; o++)
            {
                for (var i = 0; i < product.InFeatures; i++)
                {
                    var g = gradients[weight][product.IsInOut ? (i * product.OutFeatures) + o : (o * product.InFeatures) + i];
                    for (var r = 0; r < Rank; r++)
                    {
                        expected[(o * Rank) + r] += Scale * g * a[(r * product.InFeatures) + i];
                    }
                }
            }

            AssertClose(
                expected, engine.Gradient(LowRankTerm.B(weight)), Tolerances.GoldenGradient * expected.Max(Math.Abs), what: weight);
        }
    }

    [Fact]
    public void A_new_adapter_s_down_projections_are_kaiming_s_and_the_same_whatever_else_is_adapted()
    {
        using var model = new TinyLlama(hidden: 64);
        var one = Down(model, only: "model.layers.1.mlp.up_proj.weight");
        var all = Down(model, only: null);
        Assert.Equal(one, all);
        // Uniform within ±1/√in: the variance is 1 / (3 in).
        Assert.All(all, number => Assert.InRange(number, -1 / 8f, 1 / 8f));
        Assert.InRange(all.Sum(n => n * n) / all.Length, 0.8 / (3 * 64), 1.2 / (3 * 64));
    }

    [Theory]
    [InlineData(WeightType.F32)]
    [InlineData(WeightType.BF16)]
    public void Steps_change_the_adapter_alone_and_the_base_stays_mapped_as_it_is_stored(WeightType type)
    {
        using var model = new TinyLlama();
        using var stored = Stored(model, type);
        using var folder = ModelFolder.Open(stored.Path);
        var before = ReferenceDigest.Compute(folder);
        NewAdapter.Attach(folder, Terms(folder, _ => true), new HashSet<string>(), Seed);
        using var engine = StepEngine.Of(folder, new() { Threads = 2 });
        using var loss = LossSession.Sigmoid(0.1f);
        var rows = Rows(engine, model);
        var first = engine.Accumulate(loss, rows, rows.Length).Values.Loss;
        engine.Apply(new OptimizerStep(1, 1e-2f, 1, 0));
        for (var step = 2; step <= 20; step++)
        {
            engine.Accumulate(loss, rows, rows.Length);
            Assert.True(engine.Apply(new OptimizerStep(step, 1e-2f, 1, 0)).Applied);
        }

        Assert.True(engine.Score(loss, rows).Values.Loss < first - 0.2);
        Assert.Equal(before, ReferenceDigest.Compute(folder));
        var use = engine.Use.Purposes;
        Assert.Equal(new FileInfo(stored.File("model.safetensors")).Length, use[MemoryPurpose.WeightsMapped], 4096.0);
        Assert.Equal(0, use.GetValueOrDefault(MemoryPurpose.WeightsConverted));
    }

    [Fact]
    public void An_adapter_on_the_last_layer_has_the_gradients_that_it_has_among_all()
    {
        using var model = new TinyLlama(layers: 3);
        var last = Gradients(model, weight => weight.Contains(".layers.2.", StringComparison.Ordinal));
        var all = Gradients(model, _ => true);
        Assert.Equal(14, last.Count);
        Assert.All(last, g => Assert.Equal(all[g.Key], g.Value));
    }

    [Fact]
    public void What_is_saved_whole_has_the_gradient_that_it_has_where_everything_trains()
    {
        using var model = new TinyLlama();
        string[] saved = ["lm_head.weight", "model.norm.weight", "model.layers.1.input_layernorm.weight", "model.embed_tokens.weight"];
        using var folder = ModelFolder.Open(model.Folder);
        NewAdapter.Attach(folder, Terms(folder, _ => true), saved.ToHashSet(), Seed);
        using var engine = StepEngine.Of(folder, new() { Threads = 2 });
        using var whole = StepEngine.Open(model.Folder, new() { Threads = 2 });
        using var loss = LossSession.Sigmoid(0.1f);
        var rows = Rows(engine, model);
        engine.Accumulate(loss, rows, rows.Length);
        whole.Accumulate(loss, rows, rows.Length);
        foreach (var name in saved)
        {
            var expected = whole.Gradient(name).ToArray().Select(g => (double)g).ToArray();
            AssertClose(expected, engine.Gradient(name), 1e-5 * expected.Max(Math.Abs), what: name);
        }
    }

    static Dictionary<string, LowRankTerm> Terms(ModelFolder folder, Func<string, bool> chosen) => AdaptedModel.ProductsOf(folder.Model)
        .Where(p => chosen(p.Weight)).ToDictionary(p => p.Weight, _ => new LowRankTerm(Rank, Scale));

    static float[] Down(TinyLlama model, string? only)
    {
        using var folder = ModelFolder.Open(model.Folder);
        NewAdapter.Attach(folder, Terms(folder, weight => only is null || weight == only), new HashSet<string>(), Seed);
        using var engine = StepEngine.Of(folder, new() { Threads = 2 });
        return engine.Parameters[LowRankTerm.A("model.layers.1.mlp.up_proj.weight")].Span<float>().ToArray();
    }

    static Dictionary<string, float[]> Gradients(TinyLlama model, Func<string, bool> chosen)
    {
        using var folder = ModelFolder.Open(model.Folder);
        NewAdapter.Attach(folder, Terms(folder, chosen), new HashSet<string>(), Seed);
        using var engine = StepEngine.Of(folder, new() { Threads = 2 });
        using var loss = LossSession.Sigmoid(0.1f);
        var rows = Rows(engine, model);
        engine.Accumulate(loss, rows, rows.Length);
        return folder.Parameters.Where(folder.Trains).ToDictionary(n => n, n => engine.Gradient(n).ToArray());
    }

    static TrainingRow[] Rows(StepEngine engine, TinyLlama model)
    {
        var pairs = model.Pairs(4);
        var sums = pairs.Select(p => engine.Score(ExamplePacking.Pack([p]))).ToList();
        return EngineSteps.Rows(
            pairs,
            [.. pairs.Select((p, i) => (double)sums[i].Take(p.Completions[0].Length).Sum() + 0.3)],
            [.. pairs.Select((p, i) => (double)sums[i].Skip(sums[i].Length / 2).Sum() - 0.2)]);
    }

    static TemporaryFolder Stored(TinyLlama model, WeightType type)
    {
        var folder = new TemporaryFolder();
        File.Copy(Path.Combine(model.Folder, "config.json"), folder.File("config.json"));
        using var opened = ModelFolder.Open(model.Folder);
        using var file = File.Create(folder.File("model.safetensors"));
        SafetensorsWriter.Write(file, opened.Parameters.Select(
            name => new TensorSource(name, WeightType.F32, opened.Find(name)!.Shape, opened.Address(name)) { SavedAs = type }));
        return folder;
    }
}
