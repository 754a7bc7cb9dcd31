using System.Diagnostics;
using OrtDpo.ChatTemplates;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>Reads a damaged file and says what a reader must not do with it.</summary>
static class GuardedRead
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    const long Slack = 64L << 20;

    // Less than a program's own thread has: what overflows there overflows here.
    const int StackBytes = 1 << 20;

    /// <summary>What is wrong with the reading of <paramref name="input"/> in <paramref name="folder"/>; null where nothing is.</summary>
    public static string? Fault(MutatedInput input, string folder, out bool hangs)
    {
        File.WriteAllBytes(Path.Combine(folder, input.Kind.File), input.Bytes);
        Exception? thrown = null;
        // Of all threads: the packages behind some readers go on in others. Nothing else runs beside these tests.
        var before = GC.GetTotalAllocatedBytes();
        var thread = new Thread(() => thrown = Thrown(() => input.Kind.Read(folder)), StackBytes) { IsBackground = true };
        var watch = Stopwatch.StartNew();
        thread.Start();
        hangs = !thread.Join(Longest);
        if (hangs)
        {
            return $"{input}: it is still being read after {Longest.TotalSeconds} s.";
        }

        var allocated = GC.GetTotalAllocatedBytes() - before;
        var allowed = (4L * FolderBytes(folder)) + Slack;
        return thrown is not null && !IsOurs(thrown) ? $"{input}: {Described(thrown)}"
            : allocated > allowed ? $"{input}: {allocated} bytes were allocated in {watch.ElapsedMilliseconds} ms; "
                + $"at most {allowed} are allowed."
            : null;
    }

#pragma warning disable CA1031 // Which exceptions a reader throws is what is tested.
    static Exception? Thrown(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
#pragma warning restore CA1031

    // What CommandLineProgram turns into a sentence, and a template's refusal, which the reader of rows does.
    static bool IsOurs(Exception e) =>
        e is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException or TemplateRefusalException;

    static long FolderBytes(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    static string Described(Exception e) =>
        $"{e.GetType().Name}: {e.Message}\n"
        + string.Join('\n', (e.StackTrace ?? "").Split('\n').Take(8));
}
