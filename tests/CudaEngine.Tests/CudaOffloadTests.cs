using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Testing.FakeCuda;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.CudaEngine.Tests;

/// <summary>What is asked of a GPU where frozen weights lie in the host's memory: waits, streams, and memory.</summary>
public sealed class CudaOffloadTests
{
    const int Layers = 5;
    const int Hidden = 96;

    public static TheoryData<Offload, ComputeDtype, string> Cases =>
    [
        .. new[] { Offload.Embeddings, Offload.Layers, Offload.Embeddings | Offload.Layers }.SelectMany(offload =>
            new[] { ComputeDtype.Float32, ComputeDtype.BFloat16 }.SelectMany(
                compute => new[] { "as-is", "nf4" }.Select(form => (offload, compute, form)))),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_wait_no_more_and_only_layers_are_copied_beside(Offload offload, ComputeDtype compute, string form)
    {
        var options = CudaOptions.Require() with { Dtype = compute, KeptLayers = 0 };
        using var tiny = Tiny();
        var batch = Batch();
        var whole = Steps(tiny.Folder, form, options, batch);
        var found = Steps(tiny.Folder, form, options with { Offload = offload }, batch);
        // The first two layers are there from the last backward, the last two when this one begins.
        var copies = offload.HasFlag(Offload.Layers) ? 2 * (Layers - 2) : 0;
        Assert.Equal(copies, found.Counters.ForeignStreamOperations);
        var rows = offload.HasFlag(Offload.Embeddings) ? batch.Rows * batch.Width * Hidden * compute.ElementType().Size() : 0;
        // By bytes: where a copy meets the end of the memory that it is staged in, it is two.
        Assert.Equal(
            whole.Counters.UploadBytes + (copies * found.Planned.Pinned / Layers) + rows, found.Counters.UploadBytes);
        Assert.Equal(1, found.Counters.Downloads);
        Assert.Equal(1, found.Counters.StreamSyncs);
        Assert.Equal(0, found.Counters.DeviceSyncs + found.Counters.BlockingCopies + found.Counters.PageableCopies);
        Assert.Equal(0, found.Counters.Allocations + found.Counters.PinnedAllocations + found.Counters.Failures);
        Assert.Equal(whole.Counters.Gemms, found.Counters.Gemms);

        const long Trial = 512, Piece = 2 << 20;
        Assert.InRange(found.Peak - Trial, (found.Planned.Held * 0.98) - Piece, found.Planned.Held);
        if (offload.HasFlag(Offload.Layers))
        {
            // All layers in place of two; blocks of the device's memory come in pieces, and some alignment is within layers.
            var pinned = found.Planned.Pinned;
            var slots = found.Planned.Purposes[MemoryPurpose.StreamSlots];
            Assert.Equal(2 * pinned / Layers, slots);
            var saved = whole.Planned.Purposes.Values.Sum() - (found.Planned.Purposes.Values.Sum() - pinned);
            Assert.InRange(saved, (pinned - slots) * 0.9, double.MaxValue);
        }
    }

    [Fact]
    public void Streams_events_and_pinned_memory_go_back()
    {
        var options = CudaOptions.Require() with { Offload = Offload.Layers };
        using var tiny = Tiny();
        var before = FakeCudaDevice.Counters;
        Steps(tiny.Folder, "as-is", options, Batch());
        var after = FakeCudaDevice.Counters;
        Assert.Equal((before.Streams, before.Events), (after.Streams, after.Events));
    }

    static (FakeCudaCounters Counters, long Peak, MemoryUse Planned) Steps(
        string path, string form, EngineOptions options, PackedBatch batch)
    {
        using var folder = AdaptedFolder.Open(path, form, rank: 4);
        var planned = StepEngine.Plan(folder, options, [batch]);
        FakeCudaDevice.Reset();
        using var engine = StepEngine.Of(folder, options);
        engine.Accumulate(batch, logps => logps);
        engine.Apply(new OptimizerStep(1, 1e-3f, MaxGradNorm: 1, WeightDecay: 0));
        var first = FakeCudaDevice.Peak;
        FakeCudaDevice.Reset();
        engine.Accumulate(batch, logps => logps);
        return (FakeCudaDevice.Counters, Math.Max(first, FakeCudaDevice.Peak), planned);
    }

    static TinyLlama Tiny() => new(vocabulary: 4_000, layers: Layers, hidden: Hidden, positions: 1_024);

    static PackedBatch Batch()
    {
        var random = new Random(4);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(4_000))];
        return ExamplePacking.Pack([Example.Pair(Tokens(100), Tokens(50), Tokens(50))]);
    }
}
