using OrtDpo.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Streaming;

namespace OrtDpo.Runtime.Models;

/// <summary>What could lie in the host's memory where a plan does not fit, in sentences.</summary>
static class OffloadAdvice
{
    /// <summary>What would fit in a plan's place or, where nothing does, that it is so.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="budget">What is left to it.</param>
    /// <param name="chosen">What lies in the host's memory by the plan that does not fit.</param>
    /// <param name="plan">What is taken with other weights there.</param>
    public static string Of(ModelFolder folder, MemoryBudget budget, Offload chosen, Func<Offload, MemoryUse> plan)
    {
        var (embedding, layers) = (EmbeddingLookup.Obstacle(folder)?.Reason, LayerStream.Obstacle(folder)?.Reason);
        var all = (embedding is null ? Offload.Embeddings : Offload.None) | (layers is null ? Offload.Layers : Offload.None);
        if (all == Offload.None)
        {
            return $"None of its weights can lie in the machine's memory: {embedding}; {layers}.";
        }

        var others = Enum.GetValues<Offload>().Append(Offload.Embeddings | Offload.Layers)
            .Where(way => way != chosen && (way & ~all) == Offload.None)
            .Select(way => (Way: way, Use: plan(way)))
            .ToList();
        if (others.FirstOrDefault(other => budget.Fits(other.Use)) is { Use: { } fitting, Way: var better })
        {
            return $"With {Changed(chosen, better)} it fits: {Needed(fitting)}.";
        }

        var rest = (embedding, layers) switch
        {
            ({ } reason, _) => $" The embedding cannot: {reason}.",
            (_, { } reason) => $" Layers cannot: {reason}.",
            _ => "",
        };
        return (chosen == all
            ? "That is with all of its weights in the machine's memory that can lie there (`Embeddings`, `Stream`)."
            : $"With {Changed(chosen, all)} it does not fit either: {Needed(others[^1].Use)}.") + rest;
    }

    static string Needed(MemoryUse use) =>
        $"{MemoryText.Of(use.Own)} of {use.Device.Name} and {MemoryText.Of(use.Beside)} of the machine's";

    // The settings that differ.
    static string Changed(Offload from, Offload to)
    {
        var settings = new List<string>();
        if ((from ^ to).HasFlag(Offload.Embeddings))
        {
            settings.Add($"`Embeddings` {(to.HasFlag(Offload.Embeddings) ? "host" : "device")}");
        }

        if ((from ^ to).HasFlag(Offload.Layers))
        {
            settings.Add($"`Stream` {(to.HasFlag(Offload.Layers) ? "on" : "off")}");
        }

        return string.Join(" and ", settings);
    }
}
