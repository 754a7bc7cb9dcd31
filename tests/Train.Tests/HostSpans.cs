using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Tests;

/// <summary>Tests of what runs on the processor look at numbers where they lie.</summary>
static class HostSpans
{
    /// <summary>The elements of a tensor that lies in the host's memory.</summary>
    public static Span<T> Span<T>(this DeviceTensor tensor)
        where T : unmanaged =>
        ((HostTensor)tensor).Span<T>();
}
