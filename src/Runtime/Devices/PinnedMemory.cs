namespace OrtDpo.Runtime.Devices;

/// <summary>Memory of the host's that a device copies from by itself, while the host goes on.</summary>
/// <param name="address">The first byte.</param>
/// <param name="free">Gives it back, given its address.</param>
sealed class PinnedMemory(nint address, Action<nint> free) : IDisposable
{
    bool disposed;

    /// <summary>The first byte.</summary>
    public nint Address => address;

    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            free(address);
        }
    }
}
