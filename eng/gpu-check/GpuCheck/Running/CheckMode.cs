namespace OrtDpo.GpuCheck.Running;

/// <summary>What stands in the GPU's place.</summary>
enum CheckMode
{
    /// <summary>Nothing: it is one.</summary>
    Gpu,

    /// <summary>The stub libraries: everything but numbers and times.</summary>
    Stub,

    /// <summary>The processor in the role of a device: numbers, and nothing of CUDA.</summary>
    Rehearsal,
}
