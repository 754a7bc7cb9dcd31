namespace OrtDpo.Runtime.Devices;

/// <summary>
/// Copies to a device while it computes: asked of a stream of their own, which nothing orders among what else the device is asked but marks
/// that one of both sets and the other waits for. The host waits for neither.
/// </summary>
abstract class CopyStream : IDisposable
{
    /// <summary>
    /// A mark, which lives as long as the stream. Set again, it is where it was set last; who waits already waits for the old place.
    /// </summary>
    public abstract nint CreateMark();

    /// <summary>Sets a mark behind all that the device was asked so far.</summary>
    public abstract void MarkDevice(nint mark);

    /// <summary>Has copies that are asked for next wait until the device is past a mark.</summary>
    public abstract void AwaitDevice(nint mark);

    /// <summary>Copies to the device from pinned memory, which must not change before the copy is done.</summary>
    public abstract void Copy(nint source, nint target, long bytes);

    /// <summary>Sets a mark behind all copies that were asked for so far.</summary>
    public abstract void MarkCopies(nint mark);

    /// <summary>Has whatever the device is asked next wait until the copies are past a mark.</summary>
    public abstract void DeviceAwaits(nint mark);

    /// <summary>Waits until all copies are done, and closes the stream.</summary>
    public abstract void Dispose();
}
