using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// A device whose sessions run on the processor and whose memory nobody else may touch: it is readable while a session runs or the device
/// itself copies, and a read at any other time ends the process. So the path of a GPU runs with real numbers on machines without one.
/// </summary>
/// <param name="sums">How its sums differ from the processor's where it computes in bfloat16; null: not at all.</param>
sealed unsafe class GuardedDevice(OtherSums? sums = null) : Device("guarded")
{
    readonly Lock gate = new();
    readonly List<GuardedRange> ranges = [];
    int open;

    public override bool IsHost => false;

    /// <summary>Skips the test where memory cannot be guarded.</summary>
    public static void Require() => Assert.SkipUnless(
        OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "The device guards its memory with mprotect, which this system has not.");

    /// <summary>Copies to the host so far.</summary>
    public int Downloads { get; private set; }

    /// <summary>Copies from the host so far.</summary>
    public int Uploads { get; private set; }

    /// <summary>The copies beside its work; null: none.</summary>
    public GuardedCopyStream? Beside { get; private set; }

    /// <summary>A wait that is left out.</summary>
    public ForgottenWait Forgets { get; init; }

    public override long? FreeBytes() => null;

    internal override OrtMemoryInfo MemoryInfo => OrtMemoryInfo.DefaultInstance;

    internal override long Alignment => 256;

    internal override long Granularity => 1 << 20;

    internal override OnnxGraph Prepare(OnnxGraph graph)
    {
        var lowered = graph.Lower(LoweringKind.Cuda, pruneInputs: true);
        return lowered.Inputs.Concat(lowered.Outputs).Any(v => v.Type == DataType.BFloat16) ? Emulated(lowered) : lowered;
    }

    internal override IMemoryRange Reserve()
    {
        var range = new GuardedRange(this);
        lock (gate)
        {
            ranges.Add(range);
        }

        return range;
    }

    internal override void Upload(nint source, nint target, long bytes)
    {
        Uploads++;
        Copy(source, target, bytes);
    }

    internal override void Download(nint source, nint target, long bytes)
    {
        Downloads++;
        Copy(source, target, bytes);
    }

    internal override void Copy(nint source, nint target, long bytes)
    {
        BeginRun();
        Move(source, target, bytes);
        EndRun();
    }

    internal override PinnedMemory Pin(long bytes) =>
        new((nint)NativeMemory.AlignedAlloc((nuint)bytes, 64), address => NativeMemory.AlignedFree((void*)address));

    internal override CopyStream OpenCopyStream() => Beside = new GuardedCopyStream(Forgets, (source, target, bytes) =>
    {
        Open();
        Move(source, target, bytes);
        EndRun();
    });

    internal override void Clear(nint target, long bytes)
    {
        BeginRun();
        NativeMemory.Clear((void*)target, (nuint)bytes);
        EndRun();
    }

    internal override bool Lends(SessionAllocatorKind allocator) => allocator == SessionAllocatorKind.Cpu;

    internal override void Configure(SessionOptions options)
    {
    }

    internal override void Configure(RunOptions options)
    {
    }

    internal override void BeginRun()
    {
        Beside?.Ran();
        Open();
    }

    void Open()
    {
        lock (gate)
        {
            if (open++ == 0)
            {
                ranges.ForEach(range => range.Open(isOpen: true));
            }
        }
    }

    internal override void EndRun()
    {
        lock (gate)
        {
            if (--open == 0)
            {
                ranges.ForEach(range => range.Open(isOpen: false));
            }
        }
    }

    static void Move(nint source, nint target, long bytes) => Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);

    // bfloat16 at the border as on a GPU, and its numbers inside: the processor has no kernels for it but Cast.
    OnnxGraph Emulated(OnnxGraph graph)
    {
        var emulated = EmulatedBFloat16.Of(graph);
        emulated = sums?.In(emulated) ?? emulated;
        var b = new GraphBuilder(graph.Name);
        var inputs = graph.Inputs.ToDictionary(v => v.Name, v => b.Cast(b.Input(v.Name, v.Type, v.Shape), emulated.Input(v.Name).Type));
        var outputs = b.Inline(emulated, inputs, "emulated");
        return b.Build(graph.Outputs.Select(v => (v.Name, b.Cast(outputs[v.Name], v.Type))));
    }

    sealed class GuardedRange(GuardedDevice device) : IMemoryRange
    {
        readonly ReservedMemory memory = ReservedMemory.Of(64L << 30);

        public nint Address => memory.Address;

        public long Size => memory.Size;

        public long Committed => memory.Committed;

        public void GrowTo(long bytes)
        {
            lock (device.gate)
            {
                if (bytes > memory.Committed)
                {
                    // The reserved memory makes what it adds accessible.
                    memory.GrowTo(bytes);
                    Open(device.open > 0);
                }
            }
        }

        public void ShrinkTo(long bytes)
        {
            lock (device.gate)
            {
                memory.ShrinkTo(bytes);
            }
        }

        public void Dispose()
        {
            lock (device.gate)
            {
                device.ranges.Remove(this);
                memory.Dispose();
            }
        }

        public void Open(bool isOpen) => memory.Allow(isOpen);
    }
}
