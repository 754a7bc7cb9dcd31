using System.Runtime.InteropServices;

namespace OrtDpo.Safetensors;

/// <summary>Pages of mapped files in this process's memory.</summary>
static unsafe partial class MappedPages
{
    const int DontNeed = 4;

    /// <summary>
    /// Lets go of the whole pages in a range that nothing was written to: they stay in the system's cache, and are read from there where
    /// they are used again. On Windows nothing, which takes them back by itself.
    /// </summary>
    public static void Release(nint address, long bytes)
    {
        var page = (nint)Environment.SystemPageSize;
        var start = (address + page - 1) / page * page;
        var end = (address + (nint)bytes) / page * page;
        if (!OperatingSystem.IsWindows() && end > start)
        {
            // Advice: that it is not followed changes no numbers.
            _ = Advise(start, (nuint)(end - start), DontNeed);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
