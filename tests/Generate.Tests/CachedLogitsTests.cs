using OrtDpo.Export.Tests;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Train.Tests.Devices;

namespace OrtDpo.Generate.Tests;

/// <summary>Keys and values that are kept, against the layers that run the whole text each time.</summary>
[Trait("Speed", "native")]
public sealed class CachedLogitsTests
{
    const int Prompt = 40;
    const int Length = 70;

    // Two orders of adding the same numbers. Measured over all families: 3.4e-5 at most, where logits go up to 10.
    const float Tolerance = 1e-4f;

    static CachedLogitsTests() => OrtProcess.Start(threads: 2);

    public static TheoryData<string> Families => [.. RandomFamily.Names];

    /// <summary>Windows of these families are shorter than the text, and one of their models has two lists of rotations.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Logits_are_those_of_the_whole_text(string family)
    {
        using var folder = new TemporaryFolder();
        RandomFamily.Write(family, folder);
        using var kept = new Loaded(folder.Path);
        using var whole = new Loaded(folder.Path, keeps: false);
        Assert.True(kept.Logits.HasCache);
        Assert.False(whole.Logits.HasCache);
        var ids = Ids(kept.Vocabulary, Length);
        for (var length = Prompt; length <= Length; length++)
        {
            Require(whole.Logits.Next(ids[..length]), kept.Logits.Next(ids[..length]));
        }

        Assert.Equal(Length, kept.Logits.TokensRun);
    }

    [Theory]
    [InlineData("nf4")]
    [InlineData("int4")]
    public void A_base_in_4_bits_has_a_cache_too(string form)
    {
        using var folder = new TemporaryFolder();
        RandomFamily.Write("llama", folder);
        using var kept = new Loaded(folder.Path, weights: new BaseWeights(form));
        using var whole = new Loaded(folder.Path, keeps: false, weights: new BaseWeights(form));
        var ids = Ids(kept.Vocabulary, 24);
        for (var length = 20; length <= 24; length++)
        {
            Require(whole.Logits.Next(ids[..length]), kept.Logits.Next(ids[..length]));
        }

        Assert.Equal(24, kept.Logits.TokensRun);
    }

    [Theory]
    [InlineData(WeightType.BF16)]
    [InlineData(WeightType.F16)]
    public void Weights_in_16_bits_are_read_as_they_lie_in_their_file(WeightType type)
    {
        using var model = VariedModel.Of("qwen2", layers: 3, type: type);
        using var kept = new Loaded(model.Folder);
        using var whole = new Loaded(model.Folder, keeps: false);
        var ids = Ids(kept.Vocabulary, 12);
        for (var length = 8; length <= 12; length++)
        {
            Require(whole.Logits.Next(ids[..length]), kept.Logits.Next(ids[..length]));
        }
    }

    /// <summary>What is alike stays, and the rest runs; the last token always does, since its logits are asked for.</summary>
    [Fact]
    public void Another_text_runs_from_where_it_differs()
    {
        using var folder = new TemporaryFolder();
        RandomFamily.Write("gemma2", folder);
        using var kept = new Loaded(folder.Path);
        using var whole = new Loaded(folder.Path, keeps: false);
        var one = Ids(kept.Vocabulary, 30);
        long[] other = [.. one[..12], .. Ids(kept.Vocabulary, 25, seed: 8)];
        foreach (var (text, run) in new[] { (one, 30), (other, 25), (other, 1), (one[..5], 1), (one, 25), (other[15..], 22) })
        {
            var before = kept.Logits.TokensRun;
            Require(whole.Logits.Next(text), kept.Logits.Next(text));
            Assert.Equal(run, kept.Logits.TokensRun - before);
        }
    }

    /// <summary>Scores of 8 KiB are 1024 of two heads: 32 tokens by themselves, and fewer behind others.</summary>
    [Fact]
    public void A_long_text_runs_in_parts()
    {
        using var folder = new TemporaryFolder();
        var model = RandomFamily.Write("mistral", folder);
        using var pool = new MemoryPool();
        using var parameters = ModelParameters.Open(folder.Path, WeightMapping.ReadOnly, pool);
        var heads = CachedHeads(parameters);
        using var whole = CachedBody.Of(parameters, pool)!;
        using var parted = CachedBody.Of(parameters, pool, scoreBytes: heads * sizeof(float) * 1024)!;
        var ids = Ids(model.Sizes.VocabSize, 150);
        using var expected = whole.Run(ids, pool);
        using var found = parted.Run(ids, pool);
        Assert.Equal(150, expected.Shape[1]);
        Assert.InRange(found.Shape[1], 1, 32);
        var last = (int)found.Shape[1] * model.Sizes.HiddenSize;
        Require(expected.ToArray<float>()[^last..], found.ToArray<float>());
    }

    [Fact]
    public void A_plan_covers_a_prompt_and_what_follows_it()
    {
        using var folder = new TemporaryFolder();
        RandomFamily.Write("llama", folder);
        using var model = ModelFolder.Open(folder.Path);
        var planned = FragmentLogits.Plan(model, RandomFamily.Positions);
        Assert.True(planned.Purposes[MemoryPurpose.KeysAndValues] > 0);
        using var kept = new Loaded(folder.Path);
        kept.Logits.Reserve(RandomFamily.Positions);
        var ids = Ids(kept.Vocabulary, RandomFamily.Positions);
        for (var length = 100; length <= RandomFamily.Positions; length++)
        {
            kept.Logits.Next(ids[..length]);
        }

        // A run takes whole mebibytes.
        Assert.InRange(kept.Pool.MostHeld, 1, planned.Held + (1 << 20));
        Assert.Equal(planned.Purposes[MemoryPurpose.KeysAndValues], kept.Pool.Ledger[MemoryPurpose.KeysAndValues]);
    }

    /// <summary>Three tokens that see two before and their own: by hand.</summary>
    [Fact]
    public void A_mask_hides_what_comes_later_and_what_is_out_of_the_window()
    {
        const float No = -1e30f;
        Assert.Equal((float[])[0, 0, 0, No, No, 0, 0, 0, 0, No, 0, 0, 0, 0, 0], CachedMask.Of(past: 2, count: 3, window: null));
        Assert.Equal((float[])[No, 0, 0, No, No, No, No, 0, 0, No, No, No, No, 0, 0], CachedMask.Of(past: 2, count: 3, window: 2));
        Assert.Equal((float[])[0, 0, 0, 0], CachedMask.Of(past: 3, count: 1, window: 4));
    }

    static long CachedHeads(ModelParameters parameters) =>
        OrtDpo.Autodiff.Fragments.CachedLayer.Of(parameters.Model.Layers()[0])!.Heads;

    static void Require(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        var most = expected.Zip(found, (e, f) => Math.Abs(e - f)).Max();
        Assert.True(most <= Tolerance, FormattableString.Invariant($"Logits differ by {most}."));
    }

    static long[] Ids(int vocabulary, int count, int seed = 3)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(vocabulary))];
    }

    sealed class Loaded : IDisposable
    {
        readonly ModelFolder folder;
        readonly ModelParameters parameters;

        public Loaded(string path, bool keeps = true, BaseWeights? weights = null)
        {
            folder = ModelFolder.Open(path, adapter: null, WeightMapping.ReadOnly, weights);
            folder.FixMaxLength(folder.Model.Sizes.MaxPositions);
            parameters = ModelParameters.Of(folder, Pool);
            Logits = new FragmentLogits(parameters, Pool, keeps);
        }

        public MemoryPool Pool { get; } = new();

        public FragmentLogits Logits { get; }

        public int Vocabulary => folder.Model.Sizes.VocabSize;

        public void Dispose()
        {
            Logits.Dispose();
            parameters.Dispose();
            folder.Dispose();
            Pool.Dispose();
        }
    }
}
