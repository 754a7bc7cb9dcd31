namespace OrtDpo.Runtime.Devices;

/// <summary>The allocators that ONNX Runtime is given (<see cref="Sessions.SessionAllocator"/>): one for each kind of memory.</summary>
enum SessionAllocatorKind
{
    Cpu,
    Cuda,
}
