using OrtDpo.Models;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Streaming;

namespace OrtDpo.Runtime.Models;

/// <summary>What of a model's frozen weights somebody wants to lie in the host's memory.</summary>
public sealed record OffloadChoice
{
    // What the system and CUDA need while a run lies close to all of a device's memory.
    const double Share = 0.95;

    /// <summary>The embedding that tokens are looked up in.</summary>
    public EmbeddingPlace Embeddings { get; init; }

    /// <summary>The weights of layers.</summary>
    public LayerStreaming Stream { get; init; }

    /// <summary>
    /// Plans with as little in the host's memory as was asked for and, where that does not fit and something is left open, with more of
    /// it: the embedding first, whose rows cost next to nothing, then the layers.
    /// </summary>
    /// <typeparam name="T">A plan.</typeparam>
    /// <param name="folder">The model, as it would run.</param>
    /// <param name="device">Where it would.</param>
    /// <param name="budget">What is left to it.</param>
    /// <param name="plan">Plans with what lies in the host's memory.</param>
    /// <param name="use">What a plan takes.</param>
    /// <returns>The first plan that fits; where none does, the last.</returns>
    /// <exception cref="NotSupportedException">What was asked for cannot be; the message says why.</exception>
    public (Offload Offload, T Plan) Choose<T>(
        ModelFolder folder, Device device, MemoryBudget budget, Func<Offload, T> plan, Func<T, MemoryUse> use)
    {
        var ways = Ways(folder, device);
        foreach (var way in ways)
        {
            var planned = plan(way);
            if (way == ways[^1] || (budget.Fits(use(planned)) && use(planned).Own <= budget.Free * Share))
            {
                return (way, planned);
            }
        }

        throw new InvalidOperationException("There is always a way.");
    }

    List<Offload> Ways(ModelFolder folder, Device device)
    {
        var way = (Embeddings == EmbeddingPlace.Host ? Offload.Embeddings : Offload.None)
            | (Stream == LayerStreaming.On ? Offload.Layers : Offload.None);
        if (device.IsHost)
        {
            return way == Offload.None ? [way] : throw new NotSupportedException(Offloads.OnHost(way));
        }

        var reason = (way.HasFlag(Offload.Embeddings) ? EmbeddingLookup.WhyNot(folder) : null)
            ?? (way.HasFlag(Offload.Layers) ? LayerStream.WhyNot(folder) : null);
        if (reason is not null)
        {
            throw new NotSupportedException(reason);
        }

        var ways = new List<Offload> { way };
        if (Embeddings == EmbeddingPlace.Auto && EmbeddingLookup.WhyNot(folder) is null)
        {
            ways.Add(way |= Offload.Embeddings);
        }

        if (Stream == LayerStreaming.Auto && LayerStream.WhyNot(folder) is null)
        {
            ways.Add(way | Offload.Layers);
        }

        return ways;
    }
}
