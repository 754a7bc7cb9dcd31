using System.Runtime.InteropServices;
using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// A device whose sessions run on the processor and whose memory nobody else may touch: it is readable while a session runs or the device
/// itself copies, and a read at any other time ends the process. So the path of a GPU runs with real numbers on machines without one.
/// </summary>
/// <param name="sums">How its sums differ from the processor's where it computes in bfloat16; null: not at all.</param>
sealed unsafe class GuardedDevice(OtherSums? sums = null) : EmulatedDevice("guarded")
{
    readonly Lock gate = new();
    readonly List<GuardedRange> ranges = [];
    int open;

    /// <summary>Skips the test where memory cannot be guarded.</summary>
    public static void Require() => Assert.SkipUnless(
        OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "The device guards its memory with mprotect, which this system has not.");

    /// <summary>Bytes of memory that a pool can have.</summary>
    public long MostBytes { get; init; } = Addresses;

    /// <summary>Blocks of the host's memory that can be pinned at once.</summary>
    public int MostPinned { get; init; } = int.MaxValue;

    /// <summary>Blocks of the host's memory that are pinned.</summary>
    public int Pinned { get; private set; }

    /// <summary>Whether a pool has memory of it.</summary>
    public bool IsInUse => ranges.Count > 0;

    /// <summary>Copies to the host so far.</summary>
    public int Downloads { get; private set; }

    /// <summary>Copies from the host so far.</summary>
    public int Uploads { get; private set; }

    /// <summary>The copies beside its work; null: none.</summary>
    public GuardedCopyStream? Beside { get; private set; }

    /// <summary>A wait that is left out.</summary>
    public ForgottenWait Forgets { get; init; }

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
        base.Copy(source, target, bytes);
        EndRun();
    }

    internal override PinnedMemory Pin(long bytes)
    {
        if (Pinned == MostPinned)
        {
            throw new InsufficientMemoryException("No more of the host's memory can be pinned.");
        }

        Pinned++;
        return new((nint)NativeMemory.AlignedAlloc((nuint)bytes, 64), address =>
        {
            Pinned--;
            NativeMemory.AlignedFree((void*)address);
        });
    }

    internal override CopyStream OpenCopyStream() => Beside = new GuardedCopyStream(Forgets, (source, target, bytes) =>
    {
        Open();
        base.Copy(source, target, bytes);
        EndRun();
    });

    internal override void Clear(nint target, long bytes)
    {
        BeginRun();
        base.Clear(target, bytes);
        EndRun();
    }

    internal override void BeginRun()
    {
        Beside?.Ran();
        Open();
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

    private protected override OnnxGraph Rounded(OnnxGraph graph)
    {
        var rounded = base.Rounded(graph);
        return sums?.In(rounded) ?? rounded;
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

    sealed class GuardedRange(GuardedDevice device) : IMemoryRange
    {
        readonly ReservedMemory memory = ReservedMemory.Of(device.MostBytes);

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
