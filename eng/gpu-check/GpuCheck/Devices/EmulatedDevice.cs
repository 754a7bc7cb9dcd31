using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.GpuCheck.Devices;

/// <summary>
/// What a GPU should make of graphs in bfloat16, on the processor: the graphs of a GPU, with their numbers rounded where its kernels round
/// them (<see cref="EmulatedBFloat16"/>).
/// </summary>
sealed unsafe class EmulatedDevice() : Device("emulated")
{
    // Address space, of which little becomes memory.
    const long Addresses = 64L << 30;

    public override bool IsHost => false;

    internal override OrtMemoryInfo MemoryInfo => OrtMemoryInfo.DefaultInstance;

    internal override long Alignment => 256;

    internal override long Granularity => 1 << 20;

    public override long? FreeBytes() => null;

    internal override OnnxGraph Prepare(OnnxGraph graph)
    {
        var lowered = graph.Lower(LoweringKind.Cuda, pruneInputs: true);
        return lowered.Inputs.Concat(lowered.Outputs).Any(value => value.Type == DataType.BFloat16) ? Emulated(lowered) : lowered;
    }

    internal override IMemoryRange Reserve() => ReservedMemory.Of(Addresses);

    internal override void Upload(nint source, nint target, long bytes) => Copy(source, target, bytes);

    internal override void Download(nint source, nint target, long bytes) => Copy(source, target, bytes);

    internal override void Copy(nint source, nint target, long bytes) => Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);

    internal override void Clear(nint target, long bytes) => NativeMemory.Clear((void*)target, (nuint)bytes);

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

    // bfloat16 at the border as on a GPU: the processor has no kernels for it but Cast.
    static OnnxGraph Emulated(OnnxGraph graph)
    {
        var emulated = EmulatedBFloat16.Of(graph);
        var b = new GraphBuilder(graph.Name);
        var inputs = graph.Inputs.ToDictionary(v => v.Name, v => b.Cast(b.Input(v.Name, v.Type, v.Shape), emulated.Input(v.Name).Type));
        var outputs = b.Inline(emulated, inputs, "emulated");
        return b.Build(graph.Outputs.Select(v => (v.Name, b.Cast(outputs[v.Name], v.Type))));
    }
}
