using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Batches;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Devices;

/// <summary>The processor: its memory is the host's.</summary>
sealed unsafe class CpuDevice() : Device("cpu")
{
    // One cache line, and the widest vector.
    const int CacheLine = 64;

    public override bool IsHost => true;

    public override string? WhyNotIn(ComputeDtype dtype) =>
        dtype == ComputeDtype.Float32 ? null : "The processor computes in float32 alone";

    public override long? FreeBytes() => null;

    internal override OrtMemoryInfo MemoryInfo => OrtMemoryInfo.DefaultInstance;

    internal override long Alignment => CacheLine;

    internal override long Granularity => 1;

    internal override OnnxGraph Prepare(OnnxGraph graph) => graph.Lower(LoweringKind.Fused, pruneInputs: true);

    // No more than the machine has could ever be in use.
    internal override IMemoryRange Reserve() => ReservedMemory.Of(Math.Max(1L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));

    internal override void Upload(nint source, nint target, long bytes) => Copy(source, target, bytes);

    internal override void Download(nint source, nint target, long bytes) => Copy(source, target, bytes);

    internal override void Copy(nint source, nint target, long bytes) => Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);

    internal override void Clear(nint target, long bytes) =>
        System.Runtime.InteropServices.NativeMemory.Clear((void*)target, (nuint)bytes);

    internal override bool Lends(SessionAllocatorKind allocator) => allocator == SessionAllocatorKind.Cpu;

    internal override void Configure(SessionOptions options)
    {
    }

    internal override void Configure(RunOptions options)
    {
    }

    internal override void BeginRun()
    {
    }

    internal override void EndRun()
    {
    }
}
