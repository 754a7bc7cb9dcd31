using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Runtime.Devices.Cuda;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Devices;

/// <summary>
/// Where tensors lie and sessions run: it owns memory, copies, and what sessions are told. Whatever needs numbers on the host asks for a
/// copy of them; only memory of a device that is the host can be looked at (<see cref="HostTensor"/>).
/// </summary>
public abstract class Device
{
    private protected Device(string name) => Name = name;

    /// <summary>Its name, as people choose it: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public string Name { get; }

    /// <summary>What its maker calls it; null: the processor, which the system names.</summary>
    public virtual string? Model => null;

    /// <summary><see cref="Name"/> and <see cref="Model"/>: <c>cuda:0, NVIDIA H100 PCIe</c>.</summary>
    public string Description => Model is null ? Name : $"{Name}, {Model}";

    /// <summary>The processor and its memory.</summary>
    public static Device Cpu { get; } = new CpuDevice();

    /// <summary>The GPU of that number, through ONNX Runtime's CUDA provider.</summary>
    /// <exception cref="NotSupportedException">It cannot be used; the message says why, and what would help.</exception>
    public static Device Cuda(int ordinal)
    {
        try
        {
            return CudaDevice.Of(ordinal);
        }
        catch (Exception exception) when (exception is InvalidOperationException or InsufficientMemoryException)
        {
            throw new NotSupportedException($"cuda:{ordinal} cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>A GPU that this machine need not have, to plan for: what a run would take of its memory.</summary>
    public static Device PlannedCuda { get; } = new PlannedCudaDevice();

    /// <summary>Whether the host reads and writes its memory as its own.</summary>
    public abstract bool IsHost { get; }

    /// <summary>Why it cannot compute in a type, as a sentence without its end; null: it can.</summary>
    public virtual string? WhyNotIn(ComputeDtype dtype) => null;

    /// <summary>Bytes of its memory that nobody uses; null: the host's, which only the system can count.</summary>
    public abstract long? FreeBytes();

    /// <summary>What ONNX Runtime calls its memory.</summary>
    internal abstract OrtMemoryInfo MemoryInfo { get; }

    /// <summary>Blocks begin at its multiples.</summary>
    internal abstract long Alignment { get; }

    /// <summary>Memory is given in multiples of this; 1: a plan does not count them.</summary>
    internal abstract long Granularity { get; }

    /// <summary>A graph as the device runs it: lowered, without the inputs that nobody reads, which would be copied to the host.</summary>
    /// <exception cref="NotSupportedException">The device has no kernel for a node.</exception>
    internal abstract OnnxGraph Prepare(OnnxGraph graph);

    /// <summary>Reserves addresses that become memory of the device as they are asked for.</summary>
    internal abstract IMemoryRange Reserve();

    /// <summary>Copies from the host; the source may change once this returns.</summary>
    internal abstract void Upload(nint source, nint target, long bytes);

    /// <summary>Copies to the host, after all that was asked of the device before; the numbers are there once this returns.</summary>
    internal abstract void Download(nint source, nint target, long bytes);

    /// <summary>Copies within the device, after all that was asked of it before.</summary>
    internal abstract void Copy(nint source, nint target, long bytes);

    /// <summary>Sets bytes to zero, after all that was asked of the device before.</summary>
    internal abstract void Clear(nint target, long bytes);

    /// <summary>Takes memory of the host's that copies beside the device's work begin in.</summary>
    /// <exception cref="InsufficientMemoryException">The machine gives no more of it.</exception>
    internal virtual PinnedMemory Pin(long bytes) => throw NothingBeside();

    /// <summary>Opens a stream of copies beside the device's work.</summary>
    internal virtual CopyStream OpenCopyStream() => throw NothingBeside();

    /// <summary>Whether sessions on this device take their memory from ONNX Runtime's allocator for <paramref name="allocator"/>.</summary>
    internal abstract bool Lends(SessionAllocatorKind allocator);

    /// <summary>Tells a session's options where it runs.</summary>
    internal abstract void Configure(SessionOptions options);

    /// <summary>Tells a run's options how it ends.</summary>
    internal abstract void Configure(RunOptions options);

    /// <summary>Called before a session is loaded or run on the calling thread.</summary>
    internal abstract void BeginRun();

    /// <summary>Called after a session was loaded or run.</summary>
    internal abstract void EndRun();

    /// <summary>Called before <see cref="EndRun"/> where a session was loaded.</summary>
    internal virtual void EndLoad()
    {
    }

    InvalidOperationException NothingBeside() => new($"Nothing is copied to {Name} beside its work.");
}
