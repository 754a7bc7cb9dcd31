namespace OrtDpo.Runtime.Devices;

/// <summary>The device that a stage runs on.</summary>
/// <param name="Device">The device.</param>
/// <param name="WhyNot">
/// Why it is the processor where a GPU would have been taken (<see cref="DeviceChoice.Auto"/>), in sentences; null otherwise.
/// </param>
public sealed record ChosenDevice(Device Device, string? WhyNot)
{
    /// <summary>The processor, because it was asked for.</summary>
    public static ChosenDevice Cpu { get; } = new(Device.Cpu, WhyNot: null);
}
