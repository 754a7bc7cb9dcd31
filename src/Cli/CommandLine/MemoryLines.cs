using System.Globalization;
using OrtDpo.Runtime.Memory;
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
}
