using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>Models that run forward on a device, with real numbers: what lies in the host's memory changes none of them.</summary>
[Trait("Speed", "native")]
public sealed class GuardedForwardTests
{
    // So that each of these runs by itself, too.
    static GuardedForwardTests() => OrtProcess.Start(threads: 2);

    static readonly Offload[] Ways = [Offload.None, Offload.Embeddings, Offload.Layers, Offload.Embeddings | Offload.Layers];

    [Theory]
    [InlineData("llama", "as-is")]
    [InlineData("llama", "nf4")]
    [InlineData("gpt2", "as-is")]
    [InlineData("gemma2", "int4")]
    public void Logits_are_those_of_a_model_on_the_device(string family, string form)
    {
        GuardedDevice.Require();
        using var model = VariedModel.Of(family, layers: 4);
        var found = Ways.Select(way =>
        {
            using var logits = new LengthwiseLogits(Open(), new ChosenDevice(new GuardedDevice(), null), Fixed(way));
            var next = logits.For(12);
            Assert.Equal(way, logits.Place!.Offload);
            return new[] { 3, 7, 12 }.SelectMany(length => next([.. Enumerable.Range(2, length).Select(i => (long)i)])).ToArray();
        }).ToList();
        Assert.All(found, logits => Assert.Equal(found[0], logits));
        using var host = new LengthwiseLogits(Open());
        var expected = host.For(12)([.. Enumerable.Range(2, 12).Select(i => (long)i)]);
        Assert.All(expected.Zip(found[0][^expected.Length..]), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));

        ModelFolder Open() => ModelFolder.Open(model.Folder, adapter: null, WeightMapping.ReadOnly, new BaseWeights(form));
    }

    /// <summary>As an export compares them: numbers that were rounded in memory, and are not those of the files.</summary>
    [Theory]
    [InlineData(WeightType.F32)]
    [InlineData(WeightType.BF16)]
    public unsafe void Numbers_that_another_has_are_read_where_they_are(WeightType type)
    {
        GuardedDevice.Require();
        using var model = VariedModel.Of("llama", layers: 4, type: type);
        using var pool = new MemoryPool();
        using var parameters = ModelParameters.Open(model.Folder, WeightMapping.CopyOnWrite, pool);
        foreach (var name in parameters.Names)
        {
            foreach (ref var number in ((HostTensor)parameters[name]).Span<float>())
            {
                number *= 0.5f;
            }
        }

        var pair = Example.Pair([3, 4, 5], [6, 7], [8, 9, 10, 11]);
        var batch = ExamplePacking.Pack([pair], parameters.Model.Layout);
        using var host = new DecoderScorer(parameters, pool);
        var expected = host.Score(batch);
        foreach (var way in Ways)
        {
            using var shared = ModelFolder.Open(model.Folder);
            foreach (var name in parameters.Names)
            {
                var entry = shared.Find(name)!;
                shared.Share(
                    name, ((HostTensor)parameters[name]).Pointer,
                    entry with { Type = WeightType.F32, ByteCount = entry.Count * sizeof(float) });
            }

            using var scorer = DecoderScorer.Of(shared, threads: 2, new GuardedDevice(), offload: way);
            Assert.All(expected.Zip(scorer.Score(batch)), logp => Assert.Equal(logp.First, logp.Second, 1e-5f));
        }
    }

    static OffloadChoice Fixed(Offload offload) => new()
    {
        Embeddings = offload.HasFlag(Offload.Embeddings) ? EmbeddingPlace.Host : EmbeddingPlace.Device,
        Stream = offload.HasFlag(Offload.Layers) ? LayerStreaming.On : LayerStreaming.Off,
    };
}
