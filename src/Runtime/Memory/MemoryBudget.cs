using OrtDpo.Runtime.Devices;

namespace OrtDpo.Runtime.Memory;

/// <summary>The memory that is left to a stage.</summary>
/// <param name="Device">The device that it runs on.</param>
/// <param name="Free">Bytes of the device's memory.</param>
/// <param name="Host">Bytes of the host's; the same where the device is the host.</param>
public sealed record MemoryBudget(Device Device, long Free, long Host)
{
    /// <summary>What is left now.</summary>
    /// <param name="device">The device.</param>
    public static MemoryBudget Of(Device device)
    {
        var host = MachineMemory.Available();
        return new(device, device.FreeBytes() ?? host, host);
    }

    /// <summary>Whether a use fits.</summary>
    public bool Fits(MemoryUse use) => use.Own <= Free && use.Beside <= Host;

    /// <summary>
    /// Whether a use that does not fit could be all the same: what the pools take of either memory is there, and what is not are estimates
    /// of what others take.
    /// </summary>
    public bool MayHold(MemoryUse use) => use.Held <= Free && use.Pinned <= Host;

    /// <summary>Why a use does not fit, as the first sentences of a refusal.</summary>
    /// <param name="who">What needs it, as in "The run".</param>
    /// <param name="use">What it needs.</param>
    public string Shortage(string who, MemoryUse use)
    {
        var needed = use.Own <= Free
            ? $"{who} needs {MemoryText.Of(use.Beside)} of memory beside {Device.Name}, and {MemoryText.Of(Host)} are left to it. "
            : Device.IsHost ? $"{who} needs {MemoryText.Of(use.Own)} of memory, and {MemoryText.Of(Free)} are left to it. "
            : $"{who} needs {MemoryText.Of(use.Own)} of the memory of {Device.Description}, and {MemoryText.Of(Free)} are free there. ";
        return $"{needed}Its largest parts: {MemoryText.Parts(use)}.";
    }
}
