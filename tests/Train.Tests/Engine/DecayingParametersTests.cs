using System.Text.RegularExpressions;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>What weight decay is on, model by model, against what Transformers excludes by names and types of its modules.</summary>
[Trait("Speed", "native")]
public sealed partial class DecayingParametersTests
{
    static readonly OptimizerStep Decay = new(1, LearningRate: 0.5f, MaxGradNorm: 0, WeightDecay: 0.5f);

    public static TheoryData<string> Families => [.. GoldenFamily.Families];

    [Theory]
    [MemberData(nameof(Families))]
    public void Biases_and_norms_keep_their_numbers_and_matrices_shrink(string family)
    {
        using var golden = new GoldenFamily(family);
        using var engine = StepEngine.Open(golden.Folder, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Kept));
        var (kept, shrunk) = RequireDecay(engine, Decay);
        Assert.NotEmpty(kept);
        Assert.NotEmpty(shrunk);
        Assert.All(kept, name => Assert.Matches(Excluded(), name));
        Assert.All(shrunk, name => Assert.DoesNotMatch(Excluded(), name));
    }

    [Fact]
    public void A_run_of_before_decays_everything()
    {
        using var golden = new GoldenFamily("llama");
        using var engine = StepEngine.Open(golden.Folder, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Kept));
        Assert.Empty(RequireDecay(engine, Decay with { DecaysVectors = true }).Kept);
    }

    [Fact]
    public void Matrices_of_an_adapter_shrink_and_a_norm_that_is_saved_with_it_does_not()
    {
        using var golden = new GoldenFamily("llama");
        using var folder = ModelFolder.Open(golden.Folder);
        var products = AdaptedModel.ProductsOf(folder.Model);
        var saved = folder.Model.Parameters.Select(p => p.Name).Where(name => name is "model.norm.weight" or "lm_head.weight").ToHashSet();
        Assert.Equal(2, saved.Count);
        NewAdapter.Attach(
            folder, products.Where(p => !saved.Contains(p.Weight)).ToDictionary(p => p.Weight, _ => new LowRankTerm(2, 1)), saved, seed: 1);
        using var engine = StepEngine.Of(folder, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Kept));
        var (kept, shrunk) = RequireDecay(engine, Decay);
        Assert.Single(kept);
        Assert.Contains("norm", kept[0], StringComparison.Ordinal);
        Assert.Contains(shrunk, name => name.Contains("lora_A", StringComparison.Ordinal));
        Assert.Contains(shrunk, name => name.Contains("lm_head", StringComparison.Ordinal));
    }

    // Without a gradient an update is the decay alone.
    static (List<string> Kept, List<string> Shrunk) RequireDecay(StepEngine engine, OptimizerStep update)
    {
        string[] trained = [.. engine.Parameters.Names.Where(engine.Parameters.Trains)];
        var before = trained.ToDictionary(name => name, name => engine.Parameters.Master(name).ToArray<float>());
        engine.Apply(update);
        var (kept, shrunk) = (new List<string>(), new List<string>());
        foreach (var name in trained)
        {
            var after = engine.Parameters.Master(name).ToArray<float>();
            if (before[name].All(number => number == 0))
            {
                continue;
            }

            var isKept = after.SequenceEqual(before[name]);
            (isKept ? kept : shrunk).Add(name);
            // 1 - 0.5 · 0.5, exact.
            Assert.True(isKept || after.SequenceEqual(before[name].Select(number => number * 0.75f)), name);
        }

        return (kept, shrunk);
    }

    // Transformers' forbidden names, and ln_1, ln_2, ln_f, which GPT-2 has of the forbidden type LayerNorm.
    [GeneratedRegex(@"bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)|(?:^|\.)ln_[12f]\.")]
    private static partial Regex Excluded();
}
