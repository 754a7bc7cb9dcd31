namespace OrtDpo.Runtime.Devices.Cuda;

/// <summary>
/// Host memory that a device copies from and to by itself. From any other memory a copy waits for all that the device was asked before, and
/// the device would stand idle while the host goes on. What goes up is written into one half while the device reads the other.
/// </summary>
sealed unsafe class PinnedStaging
{
    // Of each of three parts: two for what goes up, one for what comes down.
    const long Part = 4 << 20;

    readonly CudaRuntime runtime;
    readonly nint stream;
    readonly nint memory;
    readonly nint[] readMarks;
    readonly bool[] isMarked = new bool[2];
    int half;
    long used;

    /// <param name="runtime">CUDA.</param>
    /// <param name="stream">The stream that all copies are in.</param>
    public PinnedStaging(CudaRuntime runtime, nint stream)
    {
        this.runtime = runtime;
        this.stream = stream;
        memory = runtime.AllocateHost(3 * Part);
        readMarks = [runtime.CreateEvent(), runtime.CreateEvent()];
    }

    /// <summary>Copies to the device; the source may change once this returns.</summary>
    public void Upload(nint source, nint target, long bytes)
    {
        for (var done = 0L; done < bytes;)
        {
            if (used == Part)
            {
                runtime.Record(readMarks[half], stream);
                isMarked[half] = true;
                half = 1 - half;
                used = 0;
                if (isMarked[half])
                {
                    runtime.Wait(readMarks[half]);
                }
            }

            var count = Math.Min(Part - used, bytes - done);
            var staged = memory + (nint)((half * Part) + used);
            Buffer.MemoryCopy((void*)(source + (nint)done), (void*)staged, count, count);
            runtime.Copy(staged, target + (nint)done, count, stream);
            // Copies begin at cache lines.
            used = Math.Min(Part, (used + count + 63) / 64 * 64);
            done += count;
        }
    }

    /// <summary>Copies to the host, and waits for it.</summary>
    public void Download(nint source, nint target, long bytes)
    {
        var staged = memory + (nint)(2 * Part);
        for (var done = 0L; done < bytes; done += Part)
        {
            var count = Math.Min(Part, bytes - done);
            runtime.Copy(source + (nint)done, staged, count, stream);
            runtime.Synchronize(stream);
            Buffer.MemoryCopy((void*)staged, (void*)(target + (nint)done), count, count);
        }
    }
}
