using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// The processor in the role of a GPU: the graphs of one, with their numbers rounded where its kernels round them
/// (<see cref="EmulatedPrecision"/>).
/// </summary>
/// <param name="name">What it is called.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Performance", "CA1852:Seal internal types", Justification = "Where it is guarded it has a subtype.")]
unsafe class EmulatedDevice(string name = "emulated") : Device(name)
{
    // Address space, of which little becomes memory.
    private protected const long Addresses = 64L << 30;

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

    /// <summary>A graph whose numbers are rounded as bfloat16's, as it runs here.</summary>
    private protected virtual OnnxGraph Rounded(OnnxGraph graph) => EmulatedPrecision.Of(graph);

    // bfloat16 at the border as on a GPU, and its numbers inside: the processor has no kernels for it but Cast.
    OnnxGraph Emulated(OnnxGraph graph)
    {
        var emulated = Rounded(graph);
        var b = new GraphBuilder(graph.Name);
        var inputs = graph.Inputs.ToDictionary(v => v.Name, v => b.Cast(b.Input(v.Name, v.Type, v.Shape), emulated.Input(v.Name).Type));
        var outputs = b.Inline(emulated, inputs, "emulated");
        return b.Build(graph.Outputs.Select(v => (v.Name, b.Cast(outputs[v.Name], v.Type))));
    }
}
