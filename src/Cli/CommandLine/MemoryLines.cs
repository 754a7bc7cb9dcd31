using System.Globalization;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Train;

namespace OrtDpo.Cli.CommandLine;

/// <summary>What a run takes of the machine, in its first lines.</summary>
static class MemoryLines
{
    /// <summary>The sum beside what there is, and the parts.</summary>
    public static string Memory(MemoryUse use, MemoryBudget budget) =>
        (budget.Device.IsHost ? "memory" : $"memory of {budget.Device.Name}")
        + $": {MemoryText.Of(use.Own)} planned, {MemoryText.Of(budget.Free)} left"
        + (use.Mapped > 0 ? $"; beside it {MemoryText.Of(use.Mapped)} of files, mapped" : "")
        + (use.Beside > 0 ? $"; of the machine's {MemoryText.Of(use.Beside)} planned, {MemoryText.Of(budget.Host)} left" : "")
        + $" ({MemoryText.Parts(use)})";

    /// <summary>What of the frozen weights lies in the machine's memory, and why; null: nothing.</summary>
    public static string? Offloaded(Offload offload, OffloadChoice asked) => offload switch
    {
        Offload.Embeddings => Embeddings(asked),
        Offload.Layers => Layers(asked),
        Offload.Embeddings | Offload.Layers => $"{Embeddings(asked)}; {Layers(asked)}",
        _ => null,
    };

    /// <summary>Writes both of a model that runs forward.</summary>
    public static void Tell(ForwardMemory memory, OffloadChoice asked, ProgramOutput output)
    {
        if (Offloaded(memory.Offload, asked) is { } offloaded)
        {
            output.WriteLine(offloaded);
        }

        output.WriteLine(Memory(memory.Use, memory.Budget));
    }

    /// <summary>The device and, where it is no processor, the memory of a model that runs forward there.</summary>
    public static void Tell(ForwardPlace place, OffloadChoice asked, ProgramOutput output)
    {
        DeviceLines.Tell(place.Chosen, output);
        if (place.Memory is { } memory)
        {
            Tell(memory, asked, output);
        }
    }

    /// <summary>In how many layers activations are kept, and why.</summary>
    public static string Activations(EngineMemory memory, ActivationMemory asked)
    {
        var reason = asked == ActivationMemory.Auto
            ? "as memory allows; --memory"
            : $"--memory {asked.ToString().ToLowerInvariant()}";
        return memory.KeptLayers == memory.Layers ? $"activations: kept ({reason})"
            : memory.KeptLayers == 0 ? $"activations: computed twice ({reason})"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"activations: kept in {memory.KeptLayers} of {memory.Layers} layers, computed twice in the others ({reason})");
    }

    static string Embeddings(OffloadChoice asked) => "embeddings: looked up in the machine's memory ("
        + (asked.Embeddings == EmbeddingPlace.Auto ? "as the GPU's demands; --embeddings)" : "--embeddings host)");

    static string Layers(OffloadChoice asked) => "frozen layers: in the machine's memory, copied up one by one ("
        + (asked.Stream == LayerStreaming.Auto ? "as the GPU's demands; --stream)" : "--stream on)");
}
