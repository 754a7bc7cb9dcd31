using Microsoft.ML.OnnxRuntime;
using OrtDpo.Adapters.Onnx;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Export.Adapters;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests.Adapters;

/// <summary>A base with places for adapters, and adapters in them, run by ONNX Runtime as a host runs them.</summary>
[Trait("Speed", "native")]
public sealed class SlottedModelTests : IDisposable
{
    const int Threads = 2;

    static readonly long[] Ids = [1, 5, 9, 2, 30, 7, 8, 3, 3, 12];

    readonly TemporaryFolder folder = new();
    int written;

    static SlottedModelTests() => OrtProcess.Start(Threads);

    public static TheoryData<string> Families => [.. RandomFamily.Names];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void Without_an_adapter_the_numbers_are_the_base_s(string family)
    {
        var model = RandomFamily.Write(family, folder);
        using var plain = new OnnxLogits(Plain());
        using var slotted = new OnnxLogits(Slotted(model));
        Assert.Equal(plain.All(Ids), slotted.All(Ids));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void With_one_they_are_those_of_the_layers_that_train(string family)
    {
        var model = RandomFamily.Write(family, folder);
        using var slotted = new OnnxLogits(Slotted(model));
        foreach (var rank in (int[])[1, 3, 16])
        {
            Check(model, slotted, RandomAdapter.Of(model, seed: rank, _ => rank));
        }

        // Another rank for each product, and none for every third.
        Check(model, slotted, RandomAdapter.Of(model, seed: 4, i => i % 3 == 0 ? 0 : 1 + (i % 5)));
        Check(model, slotted, RandomAdapter.Of(model, seed: 5, i => i == 1 ? 7 : 0));
    }

    [Theory]
    [InlineData(WeightType.F16)]
    [InlineData(WeightType.BF16)]
    public void Terms_of_16_bits_are_widened(WeightType type)
    {
        var model = RandomFamily.Write("qwen2", folder);
        using var slotted = new OnnxLogits(Slotted(model, type));
        Check(model, slotted, RandomAdapter.Of(model, seed: 1, _ => 4, type), type);
    }

    [Fact]
    public void Adapters_are_swapped_in_one_process()
    {
        var model = RandomFamily.Write("llama", folder);
        using var slotted = new OnnxLogits(Slotted(model));
        var one = RandomAdapter.Write(folder, "one", RandomAdapter.Of(model, seed: 1, _ => 2));
        var other = RandomAdapter.Write(folder, "other", RandomAdapter.Of(model, seed: 2, _ => 5));
        var without = slotted.All(Ids);
        slotted.Use(one);
        var first = slotted.All(Ids);
        slotted.Use(other);
        var second = slotted.All(Ids);
        Assert.NotEqual(without, first);
        Assert.NotEqual(first, second);
        // Keys and values of one adapter are not another's.
        slotted.Next(Ids[..4]);
        slotted.Use(one);
        AssertClose(first.AsSpan(^model.Sizes.VocabSize..), slotted.Next(Ids), Tolerances.Float32Graph);
        slotted.Use(null);
        Assert.Equal(without, slotted.All(Ids));
    }

    [Fact]
    public void A_host_names_what_does_not_fit()
    {
        var model = RandomFamily.Write("llama", folder);
        using var slotted = new OnnxLogits(Slotted(model));
        var fits = RandomAdapter.Of(model, seed: 1, i => i == 0 ? 2 : 0).Tensors;
        var name = LowRankTerm.A("model.layers.0.self_attn.q_proj.weight");
        Assert.Equal(name, fits[0].Name);
        Refused("Invalid input name: other", new([fits[0] with { Name = "other" }, fits[1]]));
        Refused(
            $"Got invalid dimensions for input: {name}", new([fits[0] with { Shape = [fits[0].Shape[1], fits[0].Shape[0]] }, fits[1]]));
        Refused(
            "Unexpected input data type",
            new([fits[0] with { Type = WeightType.F16, Data = fits[0].Data[..(fits[0].Data.Length / 2)] }, fits[1]]));

        void Refused(string expected, OnnxAdapter adapter)
        {
            slotted.Use(RandomAdapter.Write(folder, $"foreign-{++written}", adapter));
            Assert.Contains(expected, Assert.Throws<OnnxRuntimeException>(() => slotted.All(Ids)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_base_that_came_as_ONNX_is_refused()
    {
        RandomFamily.Write("llama", folder);
        using var foreign = ModelFolder.Open(Path.GetDirectoryName(Plain())!);
        var refused = Assert.Throws<NotSupportedException>(
            () => SlottedModel.Write(folder.File("slotted.onnx"), foreign, WeightType.F32, new ExportOptions()));
        Assert.Contains(" came as an ONNX model, whose graph stays as it is", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_term_is_refused()
    {
        var model = RandomFamily.Write("llama", folder);
        var whole = RandomAdapter.Of(model, seed: 1, i => i == 0 ? 2 : 0).Tensors;
        using var opened = ModelFolder.Open(folder.Path);
        var refused = Assert.Throws<InvalidDataException>(() => HostedTerms.Put(opened, new([whole[0]])));
        Assert.StartsWith($"Tensor '{whole[0].Name}' is of no product", refused.Message, StringComparison.Ordinal);
    }

    // Decoding with the cache sees the adapter, too.
    void Check(DecoderModel model, OnnxLogits slotted, OnnxAdapter adapter, WeightType type = WeightType.F32)
    {
        // ONNX Runtime maps the file: each has its own.
        slotted.Use(RandomAdapter.Write(folder, $"adapter-{++written}", adapter));
        var found = slotted.All(Ids);
        slotted.Next(Ids[..3]);
        AssertClose(found.AsSpan(^model.Sizes.VocabSize..), slotted.Next(Ids), Tolerances.Float32Graph);

        using var opened = ModelFolder.Open(folder.Path);
        opened.FixMaxLength(RandomFamily.Positions);
        StoredAs.Put(opened, type);
        HostedTerms.Put(opened, adapter);
        using var scorer = DecoderScorer.Of(opened, Threads);
        var pair = Batches.Example.Pair([.. Ids[..1].Select(id => (int)id)], [.. Ids[1..].Select(id => (int)id)], [4]);
        var expected = Parity.TokenLogps(scorer, pair);
        var logps = Enumerable.Range(0, Ids.Length - 1)
            .Select(i => LogSoftmax.At(found.AsSpan(i * model.Sizes.VocabSize, model.Sizes.VocabSize), (int)Ids[i + 1]));
        AssertClose(expected.AsSpan(0, Ids.Length - 1), [.. logps], Tolerances.Float32Graph);
    }

    string Plain()
    {
        var output = folder.File("plain");
        OnnxExport.Run(
            folder.Path, output, [Batches.Example.Pair([1, 5], [9, 2], [3])], Threads, WeightType.F32, RandomFamily.Positions);
        return Path.Combine(output, "model.onnx");
    }

    string Slotted(DecoderModel model, WeightType type = WeightType.F32)
    {
        using var opened = ModelFolder.Open(folder.Path);
        opened.FixMaxLength(RandomFamily.Positions);
        StoredAs.Put(opened, type);
        var path = folder.File("slotted.onnx");
        SlottedModel.Write(path, opened, type, new ExportOptions());
        Assert.Equal(model.Family, opened.Model.Family);
        return path;
    }
}
