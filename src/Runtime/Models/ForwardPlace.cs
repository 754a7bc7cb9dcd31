using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Models;

/// <summary>Where a model runs forward that nothing is written for before it ends.</summary>
/// <param name="Chosen">The device.</param>
/// <param name="Memory">What it takes there; null on the processor, where nothing has to be decided.</param>
public sealed record ForwardPlace(ChosenDevice Chosen, ForwardMemory? Memory)
{
    /// <summary>The device.</summary>
    public Device Device => Chosen.Device;

    /// <summary>What of the weights lies in the host's memory, where the device is another.</summary>
    public Offload Offload => Memory?.Offload ?? Offload.None;

    /// <summary>
    /// Decides, and refuses what cannot be. What is close to the limit, by estimates of what others take, is left to run.
    /// </summary>
    /// <param name="chosen">The device.</param>
    /// <param name="choice">What of the weights is to lie in the host's memory.</param>
    /// <param name="who">What runs, as in "Scoring".</param>
    /// <param name="plan">Decides within what is left of a device's memory.</param>
    /// <exception cref="NotSupportedException">What was asked for cannot be, or the memory does not suffice.</exception>
    public static ForwardPlace Of(ChosenDevice chosen, OffloadChoice choice, string who, Func<MemoryBudget, ForwardMemory> plan)
    {
        choice.RequireEffect(chosen.Device);
        if (chosen.Device.IsHost)
        {
            return new ForwardPlace(chosen, Memory: null);
        }

        var budget = MemoryBudget.Of(chosen.Device);
        var memory = plan(budget);
        return budget.MayHold(memory.Use)
            ? new ForwardPlace(chosen, memory)
            : throw new NotSupportedException($"{memory.Shortage(who)} Choose another `Device`, or a smaller model.");
    }
}
