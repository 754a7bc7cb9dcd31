using OrtDpo.Batches;

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

    /// <summary>The same, where it computes in a type.</summary>
    /// <exception cref="NotSupportedException">It does not; the message says why.</exception>
    public ChosenDevice Computing(ComputeDtype dtype) => Device.WhyNotIn(dtype) is { } reason
        ? throw new NotSupportedException(
            $"{reason}, and what is asked for (by `Dtype`, or by the cache) is {dtype.ConfigName()}. "
            + (WhyNot is null ? "Choose another `Device`" : $"No GPU was taken, since {WhyNot} Choose another `Device` then")
            + ", or run every stage in float32.")
        : this;
}
