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

    Offload Asked => (Embeddings == EmbeddingPlace.Host ? Offload.Embeddings : Offload.None)
        | (Stream == LayerStreaming.On ? Offload.Layers : Offload.None);

    /// <summary>Refuses what was asked for where the device is the host.</summary>
    /// <param name="device">Where the model would run.</param>
    /// <exception cref="NotSupportedException">Something was asked for; the message says why it cannot be.</exception>
    public void RequireEffect(Device device)
    {
        if (device.IsHost && Asked != Offload.None)
        {
            throw new NotSupportedException(Offloads.OnHost(Asked));
        }
    }

    /// <summary>
    /// Plans with as little in the host's memory as was asked for and, where that does not fit and something is left open, with more of
    /// it: the embedding first, whose rows cost next to nothing, then the layers.
    /// </summary>
    /// <typeparam name="T">A plan.</typeparam>
    /// <param name="folder">The model, as it would run.</param>
    /// <param name="budget">What is left to it where it would run.</param>
    /// <param name="plan">Plans with what lies in the host's memory.</param>
    /// <param name="use">What a plan takes.</param>
    /// <returns>
    /// The first plan that fits with room to spare, else the last that fits; where none does, the last, and what could be offloaded in its
    /// place, in a sentence.
    /// </returns>
    /// <exception cref="NotSupportedException">What was asked for cannot be; the message says why.</exception>
    public (Offload Offload, T Plan, string? Advice) Choose<T>(
        ModelFolder folder, MemoryBudget budget, Func<Offload, T> plan, Func<T, MemoryUse> use)
    {
        RequireEffect(budget.Device);
        var tried = new List<(Offload Way, T Plan)>();
        foreach (var way in Ways(folder, budget.Device))
        {
            tried.Add((way, plan(way)));
            if (use(tried[^1].Plan) is var needed && budget.Fits(needed) && needed.Own <= budget.Free * Share)
            {
                break;
            }
        }

        var last = tried.FindLastIndex(t => budget.Fits(use(t.Plan)));
        var (chosen, planned) = tried[last < 0 ? ^1 : last];
        return (
            chosen, planned,
            budget.Fits(use(planned)) || budget.Device.IsHost
                ? null
                : OffloadAdvice.Of(folder, budget, chosen, way => use(plan(way))));
    }

    List<Offload> Ways(ModelFolder folder, Device device)
    {
        var way = Asked;
        if (device.IsHost)
        {
            return [way];
        }

        var reason = (way.HasFlag(Offload.Embeddings) ? EmbeddingLookup.WhyNot(folder) : null)
            ?? (way.HasFlag(Offload.Layers) ? LayerStream.WhyNot(folder) : null);
        if (reason is not null)
        {
            throw new NotSupportedException(reason);
        }

        var ways = new List<Offload> { way };
        if (Embeddings == EmbeddingPlace.Auto && EmbeddingLookup.Obstacle(folder) is null)
        {
            ways.Add(way |= Offload.Embeddings);
        }

        if (Stream == LayerStreaming.Auto && LayerStream.Obstacle(folder) is null)
        {
            ways.Add(way | Offload.Layers);
        }

        return ways;
    }
}
