using System.Globalization;

namespace OrtDpo.Runtime.Memory;

/// <summary>Memory in words.</summary>
public static class MemoryText
{
    /// <summary>Bytes as <c>1.62 GB</c> or <c>320 MB</c>, by powers of ten.</summary>
    public static string Of(long bytes) => bytes >= 995_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB");

    /// <summary>The parts of a use, each with its bytes; the largest first, those below a hundredth left out.</summary>
    public static string Parts(MemoryUse use) => string.Join(", ", All(use)
        .Where(part => part.Bytes * 100 >= use.Total)
        .OrderByDescending(part => part.Bytes)
        .Select(part => $"{part.Name} {Of(part.Bytes)}"));

    /// <summary>Every part of a use that takes anything of the device's memory.</summary>
    public static IEnumerable<(string Name, long Bytes)> All(MemoryUse use) => use.Purposes
        .Where(purpose => purpose.Key != MemoryPurpose.WeightsPinned)
        .Select(purpose => (Name(purpose.Key, use.Device.IsHost), purpose.Value))
        .Concat([("between blocks", use.Holes), (use.Device.IsHost ? "runtime" : "context and libraries", use.Fixed)])
        .Where(part => part.Item2 > 0);

    static string Name(MemoryPurpose purpose, bool isHost) => purpose switch
    {
        MemoryPurpose.WeightsMapped => "weights as stored",
        MemoryPurpose.WeightsQuantized => "weights in 4 bits",
        // On another device they lie as they are stored, and their copies too.
        MemoryPurpose.WeightsConverted => isHost ? "weights converted" : "weights that do not train",
        MemoryPurpose.StreamSlots => "two layers that stream",
        MemoryPurpose.Masters => "weights",
        MemoryPurpose.ComputeCopies => "copies of weights",
        MemoryPurpose.Gradients => "gradients",
        MemoryPurpose.Moments => "moments",
        MemoryPurpose.Activations => "activations",
        MemoryPurpose.Head => "head",
        MemoryPurpose.Attention => "attention",
        MemoryPurpose.KeysAndValues => "keys and values",
        MemoryPurpose.Program => "tokenizer and rows",
        _ => "batch and tables",
    };
}
