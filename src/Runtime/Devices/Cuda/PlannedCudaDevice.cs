using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Devices.Cuda;

/// <summary>
/// A GPU that is somewhere else: pools that plan for it place blocks as they would there, and whatever would touch it throws.
/// </summary>
sealed class PlannedCudaDevice() : Device("cuda")
{
    /// <summary>What cudaMalloc promises, and kernels rely on.</summary>
    public const long BlockAlignment = 256;

    // What devices give their memory in since Pascal; one that is there says so itself.
    const long UsualGranularity = 2 << 20;

    public override bool IsHost => false;

    internal override OrtMemoryInfo MemoryInfo => throw NotHere();

    internal override long Alignment => BlockAlignment;

    internal override long Granularity => UsualGranularity;

    // Whoever plans for it says how much that is.
    public override long? FreeBytes() => null;

    /// <summary>A graph as ONNX Runtime's CUDA provider runs it.</summary>
    public static OnnxGraph Lowered(OnnxGraph graph)
    {
        var lowered = graph.Lower(LoweringKind.Cuda, pruneInputs: true);
        KernelTable.Cuda.Require(lowered);
        return lowered;
    }

    internal override OnnxGraph Prepare(OnnxGraph graph) => Lowered(graph);

    internal override IMemoryRange Reserve() => throw NotHere();

    internal override void Upload(nint source, nint target, long bytes) => throw NotHere();

    internal override void Download(nint source, nint target, long bytes) => throw NotHere();

    internal override void Copy(nint source, nint target, long bytes) => throw NotHere();

    internal override void Clear(nint target, long bytes) => throw NotHere();

    internal override bool Lends(SessionAllocatorKind allocator) => allocator == SessionAllocatorKind.Cuda;

    internal override void Configure(SessionOptions options) => throw NotHere();

    internal override void Configure(RunOptions options) => throw NotHere();

    internal override void BeginRun() => throw NotHere();

    internal override void EndRun() => throw NotHere();

    static InvalidOperationException NotHere() => new("This device is only planned for; nothing runs on it.");
}
