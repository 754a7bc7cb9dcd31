using System.Runtime.InteropServices;

namespace OrtDpo.PrecomputeBench;

/// <summary>Processor time of the calling thread; Linux.</summary>
static partial class ThreadClock
{
    // CLOCK_THREAD_CPUTIME_ID.
    const int ThreadTime = 3;

    internal static TimeSpan Now()
    {
        return GetTime(ThreadTime, out var time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1e3)
            : throw new NotSupportedException("This system has no clock of a thread's processor time; run the benchmark on Linux.");
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
