namespace OrtDpo.Runtime.Memory;

/// <summary>
/// A range of a device's addresses that becomes memory from its beginning as far as it is asked for, and goes back from its end.
/// </summary>
interface IMemoryRange : IDisposable
{
    /// <summary>The first byte.</summary>
    nint Address { get; }

    /// <summary>Bytes of the range.</summary>
    long Size { get; }

    /// <summary>Bytes from the beginning that are memory.</summary>
    long Committed { get; }

    /// <summary>Makes at least the first <paramref name="bytes"/> bytes memory.</summary>
    /// <exception cref="InsufficientMemoryException">There is no more memory.</exception>
    void GrowTo(long bytes);

    /// <summary>Gives memory back but for the first <paramref name="bytes"/> bytes.</summary>
    void ShrinkTo(long bytes);
}
