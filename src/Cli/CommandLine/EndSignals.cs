using System.Runtime.InteropServices;

namespace OrtDpo.Cli.CommandLine;

/// <summary>
/// How the program ends when it is told to: by Ctrl+C (SIGINT), by SIGTERM, as service managers and containers do, or by a terminal that
/// closes (SIGHUP). At once, unless an <see cref="Interruption"/> is held, which finishes what was begun; nothing half-written ever has a
/// final name, so that at once is safe too.
/// </summary>
static partial class EndSignals
{
    // As shells say it: 128 + the signal's number.
    const int Signalled = 128;
    const string ShowCursor = "\e[?25h";

    static readonly Lock Changing = new();
    static Interruption? held;

    /// <summary>The exit code of a program that was told to end: 130 (SIGINT), 143 (SIGTERM) or 129 (SIGHUP).</summary>
    public static int ExitCode { get; private set; } = CodeOf(PosixSignal.SIGINT);

    /// <summary>Takes signals until the result is disposed: for the program alone, since they are a process's.</summary>
    public static IDisposable Listen() => new Registrations(
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Receive),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Receive),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Receive),
        // Ctrl+Break. Elsewhere SIGQUIT asks for a dump, and has it.
        .. OperatingSystem.IsWindows() ? (PosixSignalRegistration[])[PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Receive)] : [],
    ]);

    /// <summary>Lets an interruption take the next signal; null: nobody.</summary>
    internal static void Hold(Interruption? interruption)
    {
        lock (Changing)
        {
            held = interruption;
        }
    }

    static void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        var code = CodeOf(context.Signal);
        lock (Changing)
        {
            if (held?.Take(context.Signal) == true)
            {
                ExitCode = code;
                return;
            }
        }

        EndNow(code);
    }

    // Not by Environment.Exit: it runs what libraries do at their end, ONNX Runtime's among them, while its threads compute. Nor by the
    // signal itself, which the first process of a container ignores.
    static void EndNow(int code)
    {
        if (!Console.IsOutputRedirected)
        {
            // A bar hides it.
            Console.Out.Write(ShowCursor);
        }

        if (OperatingSystem.IsWindows())
        {
            Environment.Exit(code);
        }

        Exit(code);
    }

    static int CodeOf(PosixSignal signal) => Signalled + signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT or PosixSignal.SIGQUIT => 2,
        _ => 15,
    };

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);

    sealed class Registrations(PosixSignalRegistration[] all) : IDisposable
    {
        public void Dispose()
        {
            foreach (var registration in all)
            {
                registration.Dispose();
            }
        }
    }
}
