using OrtDpo.Batches;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;

namespace OrtDpo.Train.Tests.Memory;

/// <summary>
/// What is left open is decided by the first plan that fits: with nothing, the embedding, or layers too in the host's memory.
/// </summary>
public sealed class OffloadChoiceTests : IDisposable
{
    const long Plenty = 1L << 40;

    readonly TinyLlama model = new(vocabulary: 8_000, layers: 24, hidden: 128);

    [Fact]
    public void Less_memory_puts_the_embedding_on_the_host_and_then_the_layers()
    {
        var plans = new[] { Offload.None, Offload.Embeddings, Offload.Embeddings | Offload.Layers }
            .ToDictionary(offload => offload, offload => Choose(Fixed(offload), Plenty, Plenty).Use);
        foreach (var (offload, use) in plans)
        {
            // A run may take 95 % of what is left.
            Assert.Equal(offload, Choose(new OffloadChoice(), (long)(use.Own / 0.95) + 2, Plenty).Offload);
        }

        var nothing = Choose(new OffloadChoice(), plans[Offload.Embeddings | Offload.Layers].Own - 1, Plenty);
        Assert.False(nothing.Fits);
        Assert.Equal(Offload.Embeddings | Offload.Layers, nothing.Offload);
        Assert.True(nothing.Use.Pinned > 0);
        Assert.Equal(nothing.Use.Pinned, nothing.Use.Beside - plans[Offload.None].Beside);
    }

    [Fact]
    public void What_was_asked_for_is_kept_to()
    {
        var off = new OffloadChoice { Embeddings = EmbeddingPlace.Device, Stream = LayerStreaming.Off };
        Assert.Equal(Offload.None, Choose(off, free: 1, Plenty).Offload);
        Assert.Equal(Offload.Layers, Choose(off with { Stream = LayerStreaming.On }, Plenty, Plenty).Offload);
        Assert.Equal(Offload.Embeddings, Choose(off with { Embeddings = EmbeddingPlace.Host }, Plenty, Plenty).Offload);
    }

    [Fact]
    public void Layers_for_which_the_host_has_no_memory_do_not_fit()
    {
        var choice = Fixed(Offload.Layers);
        var beside = Choose(choice, Plenty, Plenty).Use.Beside;
        Assert.True(Choose(choice, Plenty, beside).Fits);
        var refused = Choose(choice, Plenty, beside - 1);
        Assert.False(refused.Fits);
        Assert.Contains("beside cuda", refused.Budget.Shortage("The run", refused.Use), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tied_embedding_stays_on_the_device_and_the_layers_stream()
    {
        using var tied = new TinyLlama(tied: true, vocabulary: 8_000, layers: 24, hidden: 128);
        Assert.Equal(Offload.Layers, Choose(new OffloadChoice(), free: 1, Plenty, tied).Offload);
        var error = Assert.Throws<NotSupportedException>(() => Choose(Fixed(Offload.Embeddings), Plenty, Plenty, tied));
        Assert.Contains("they are tied", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void On_the_processor_nothing_is_left_open()
    {
        using var folder = AdaptedFolder.Open(model.Folder);
        var budget = new MemoryBudget(Device.Cpu, Free: 1, Host: 1);
        var options = new EngineOptions { Threads = 1 };
        Assert.Equal(Offload.None, EngineMemory.Choose(folder, options, default, new OffloadChoice(), [Batch], budget, 0).Offload);
        Assert.Throws<NotSupportedException>(
            () => EngineMemory.Choose(folder, options, default, Fixed(Offload.Layers), [Batch], budget, 0));
    }

    public void Dispose() => model.Dispose();

    static PackedBatch Batch => ExamplePacking.Pack([Example.Pair([5, 6, 7, 8], [9, 10, 11], [12, 13])]);

    static OffloadChoice Fixed(Offload offload) => new()
    {
        Embeddings = offload.HasFlag(Offload.Embeddings) ? EmbeddingPlace.Host : EmbeddingPlace.Device,
        Stream = offload.HasFlag(Offload.Layers) ? LayerStreaming.On : LayerStreaming.Off,
    };

    EngineMemory Choose(OffloadChoice choice, long free, long host, TinyLlama? other = null)
    {
        using var folder = AdaptedFolder.Open((other ?? model).Folder);
        var options = new EngineOptions { Threads = 1, Device = Device.PlannedCuda };
        return EngineMemory.Choose(
            folder, options, ActivationMemory.Recompute, choice, [Batch], new MemoryBudget(Device.PlannedCuda, free, host), tokenizer: 0);
    }
}
