using OrtDpo.Runtime.Devices;

namespace OrtDpo.GpuCheck.Devices;

/// <summary>How little of a device's memory was free since this began: asked for again and again by a thread of its own.</summary>
sealed class FreeMemory : IDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    readonly ManualResetEventSlim end = new();
    readonly Thread thread;
    readonly long first;
    long least;

    public FreeMemory(Device device)
    {
        first = least = device.FreeBytes() ?? 0;
        thread = new Thread(() =>
        {
            try
            {
                do
                {
                    Interlocked.Exchange(ref least, Math.Min(Interlocked.Read(ref least), device.FreeBytes() ?? 0));
                }
                while (!end.Wait(Pause));
            }
            catch (InvalidOperationException)
            {
                // A device that has failed says so to whoever works on it: this must not end the process before.
            }
        });
        thread.Start();
    }

    /// <summary>Bytes that were free at the beginning, and not at the worst moment.</summary>
    public long Taken => first - Interlocked.Read(ref least);

    public void Dispose()
    {
        end.Set();
        thread.Join();
        end.Dispose();
    }
}
