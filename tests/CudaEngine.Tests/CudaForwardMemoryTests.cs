using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Testing.FakeCuda;
using OrtDpo.Train.Tests;

namespace OrtDpo.CudaEngine.Tests;

/// <summary>What a plan says of a model that runs forward is what it then takes of the device.</summary>
public sealed class CudaForwardMemoryTests
{
    // The provider tries the device with a block of one byte whenever it loads a session; memory comes in pieces.
    const long Trial = 512, Piece = 2 << 20;

    // So that each of these runs by itself, too.
    static CudaForwardMemoryTests() => OrtProcess.Start(CudaOptions.Threads);

    public static TheoryData<Offload, string, int> Cases =>
    [
        .. new[] { Offload.None, Offload.Embeddings, Offload.Layers, Offload.Embeddings | Offload.Layers }.SelectMany(offload =>
            new[] { "as-is", "nf4" }.SelectMany(form => new[] { 8, 900 }.Select(prompt => (offload, form, prompt)))),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Generating_takes_no_more_of_the_device_than_the_plan_says(Offload offload, string form, int prompt)
    {
        const int Added = 40;
        var device = CudaOptions.Require().Device;
        using var tiny = new TinyLlama(vocabulary: 4_000, layers: 5, hidden: 96, positions: 1_024);
        using var folder = ModelFolder.Open(tiny.Folder, adapter: null, WeightMapping.ReadOnly, new BaseWeights(form));
        var planned = FragmentLogits.Plan(folder, prompt + Added, device, offload);
        FakeCudaDevice.Reset();
        var choice = new OffloadChoice
        {
            Embeddings = offload.HasFlag(Offload.Embeddings) ? EmbeddingPlace.Host : EmbeddingPlace.Device,
            Stream = offload.HasFlag(Offload.Layers) ? LayerStreaming.On : LayerStreaming.Off,
        };
        using var logits = new LengthwiseLogits(
            ModelFolder.Open(tiny.Folder, adapter: null, WeightMapping.ReadOnly, new BaseWeights(form)), new ChosenDevice(device, null),
            choice);
        var next = logits.For(prompt + Added);
        for (var length = prompt; length < prompt + Added; length++)
        {
            next([.. Enumerable.Range(0, length).Select(i => i % 4_000L)]);
        }

        // All tokens at once take the most, and a prompt may be so long.
        logits.For(prompt + Added)([.. Enumerable.Range(0, prompt + Added).Select(i => i % 4_000L)]);
        Assert.Equal(planned.Held, logits.Place!.Memory!.Use.Held);
        Assert.InRange(FakeCudaDevice.Peak - Trial, (planned.Held * 0.98) - Piece, planned.Held);
    }

    [Fact]
    public void A_longer_text_is_planned_anew_and_what_lay_there_goes_back()
    {
        var device = CudaOptions.Require().Device;
        using var tiny = new TinyLlama(vocabulary: 4_000, layers: 5, hidden: 96, positions: 1_024);
        using var logits = new LengthwiseLogits(ModelFolder.Open(tiny.Folder), new ChosenDevice(device, null));
        logits.For(16)(new long[8]);
        var shorter = logits.Place!;
        Assert.Same(shorter.Memory, Again(12));
        var longer = Again(1_000)!;
        Assert.True(longer.Use.Held > shorter.Memory!.Use.Held);
        // Within a piece of each range of the pool's.
        Assert.InRange(longer.Budget.Free - shorter.Memory.Budget.Free, -2 * Piece, 2 * Piece);

        ForwardMemory? Again(int length)
        {
            logits.For(length)(new long[length]);
            return logits.Place!.Memory;
        }
    }

    [Theory]
    [InlineData(Offload.None)]
    [InlineData(Offload.Embeddings)]
    [InlineData(Offload.Layers)]
    public void Scoring_takes_no_more_of_the_device_than_the_plan_says(Offload offload)
    {
        var device = CudaOptions.Require().Device;
        using var tiny = new TinyLlama(vocabulary: 4_000, layers: 5, hidden: 96, positions: 1_024);
        using var folder = ModelFolder.Open(tiny.Folder);
        int[] tokens = [.. Enumerable.Range(0, 300)];
        var rows = Enumerable.Range(1, 6).Select(i => Example.Pair(tokens[..(i * 50)], tokens[..40], tokens[..(i * 10)])).ToList();
        var largest = LongestBatches.Of(rows, batchTokens: 1, folder.Model.Layout);
        var planned = DecoderScorer.Plan(folder, largest, device, offload: offload);
        FakeCudaDevice.Reset();
        using (var scorer = DecoderScorer.Of(folder, CudaOptions.Threads, device, offload: offload))
        {
            foreach (var row in rows)
            {
                scorer.Score(ExamplePacking.Pack([row], scorer.Layout));
            }
        }

        Assert.InRange(FakeCudaDevice.Peak - Trial, (planned.Held * 0.98) - Piece, planned.Held);
    }
}
