using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Devices;

/// <summary>On which device somebody wants a stage to run: <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c> or <c>auto</c>.</summary>
public sealed record DeviceChoice
{
    /// <summary>What <see cref="Parse"/> reads, in words.</summary>
    public const string Names = "cpu, cuda, cuda:N (the GPU of number N) or auto";

    const string CudaName = "cuda";

    // The GPU's number; null: the processor.
    readonly int? ordinal;
    // Whether the processor will do where the GPU does not.
    readonly bool isAuto;

    DeviceChoice(string name, int? ordinal, bool isAuto)
    {
        Name = name;
        this.ordinal = ordinal;
        this.isAuto = isAuto;
    }

    /// <summary>The processor.</summary>
    public static DeviceChoice Cpu { get; } = new("cpu", ordinal: null, isAuto: false);

    /// <summary>The first GPU where it can be used, else the processor.</summary>
    public static DeviceChoice Auto { get; } = new("auto", ordinal: 0, isAuto: true);

    /// <summary>As it is asked for: <c>cuda</c> is <c>cuda:0</c>.</summary>
    public string Name { get; }

    /// <summary>The GPU of that number.</summary>
    public static DeviceChoice Cuda(int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        return new(string.Create(CultureInfo.InvariantCulture, $"{CudaName}:{ordinal}"), ordinal, isAuto: false);
    }

    /// <summary>Reads a choice.</summary>
    /// <exception cref="ArgumentException">The text is none.</exception>
    public static DeviceChoice Parse(string text) =>
        TryParse(text, out var choice) ? choice : throw new ArgumentException($"`Device` is '{text}'; it must be {Names}.");

    /// <summary>Reads a choice, where the text is one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DeviceChoice? choice)
    {
        choice = text switch
        {
            "cpu" => Cpu,
            "auto" => Auto,
            CudaName => Cuda(0),
            _ when text.StartsWith(CudaName + ":", StringComparison.Ordinal) && int.TryParse(
                text.AsSpan(CudaName.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) => Cuda(ordinal),
            _ => null,
        };
        return choice is not null;
    }

    /// <summary>
    /// Opens the device, and runs a first small graph on it, whose numbers are checked. Starts ONNX Runtime where that needs it.
    /// </summary>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="onCpuAlone">
    /// What of the work runs on the processor alone, as in "`Optimizer` adamw8bit runs on the processor alone"; null: nothing.
    /// </param>
    /// <exception cref="NotSupportedException">The device that was asked for cannot be used; the message says why.</exception>
    public ChosenDevice Open(int threads, string? onCpuAlone = null)
    {
        if (ordinal is not { } number)
        {
            return ChosenDevice.Cpu;
        }

        if (onCpuAlone is not null)
        {
            return isAuto
                ? new ChosenDevice(Device.Cpu, onCpuAlone + ".")
                : throw new NotSupportedException($"{onCpuAlone}, and `Device` is {Name}. Give one of them up.");
        }

        try
        {
            OrtProcess.Start(threads);
            var device = Device.Cuda(number);
            DeviceTrial.Run(device);
            return new ChosenDevice(device, WhyNot: null);
        }
        catch (NotSupportedException exception) when (isAuto)
        {
            return new ChosenDevice(Device.Cpu, exception.Message);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
