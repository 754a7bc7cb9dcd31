using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrtDpo.Runs;

/// <summary>
/// Folders whose entries are on the disk. A file that was flushed has its bytes there, and its name, or the new name of what was renamed,
/// only when the folder that holds it was flushed too: without that, a machine that loses its power may come back with neither.
/// </summary>
/// <remarks>
/// On Windows no program flushes a folder: NTFS writes what becomes of names to its journal, in the order in which it happened, so that
/// what is lost with the power is the newest and never what came before it.
/// </remarks>
public static partial class DurableFolder
{
    const int ReadOnly = 0;

    /// <summary>Makes a folder and those above it that are not there; each is on the disk when this returns.</summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public static void Make(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        var parent = ParentOf(path);
        if (parent is not null)
        {
            Make(parent);
        }

        Directory.CreateDirectory(path);
        CrashPoint.Reached($"after making {Path.GetFileName(path)}");
        if (parent is not null)
        {
            Flush(parent);
        }
    }

    /// <summary>Renames a folder; the new name is on the disk when this returns.</summary>
    /// <param name="from">The folder.</param>
    /// <param name="to">Its new name, which nothing has; on the same disk.</param>
    /// <exception cref="IOException">There is no such folder, or something of the new name.</exception>
    public static void Move(string from, string to)
    {
        Directory.Move(from, to);
        var (before, now) = (ParentOf(from), ParentOf(to));
        Flush(now!);
        if (before != now)
        {
            Flush(before!);
        }
    }

    /// <summary>Returns when the names of what lies in a folder are on the disk.</summary>
    /// <exception cref="IOException">The folder is gone, or the disk fails.</exception>
    public static void Flush(string path)
    {
        CrashPoint.Reached($"before flushing the folder {Path.GetFileName(path)}");
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // .NET opens no folder. A file system that cannot flush one says so, and is passed over there.
        using var folder = new SafeFileHandle(Open(path, ReadOnly), ownsHandle: true);
        if (folder.IsInvalid)
        {
            throw new IOException(
                $"The folder {path} cannot be flushed to the disk: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
        }

        RandomAccess.FlushToDisk(folder);
    }

    /// <summary>The same of a folder and of all below it.</summary>
    /// <exception cref="IOException">The folder is gone, or the disk fails.</exception>
    public static void FlushAll(string path)
    {
        foreach (var below in Directory.GetDirectories(path))
        {
            FlushAll(below);
        }

        Flush(path);
    }

    static string? ParentOf(string path) => Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
