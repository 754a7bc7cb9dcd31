using System.Diagnostics;
using System.Globalization;
using OrtDpo.Training.Remote;

namespace OrtDpo.Train.OnDevice;

/// <summary>The on-device engine's program, started, and the messages to it. What it writes to its stderr is kept for its end.</summary>
sealed class EngineProcess : IDisposable
{
    // The folder within a program's that it lies in: its files have the names of others'.
    const string FolderName = "on-device";
    const string ProgramName = "OrtDpo.Train.OnDevice";
    const int KeptLines = 5;

    // For an exit code, or the last lines, of a process whose streams are closed already.
    static readonly TimeSpan ForTheEnd = TimeSpan.FromSeconds(10);

    readonly Process process;
    readonly Queue<string> lines = [];

    EngineProcess(Process process)
    {
        this.process = process;
        process.ErrorDataReceived += (_, told) => Keep(told.Data);
        process.BeginErrorReadLine();
    }

    /// <summary>The folder that the program lies in, beside this one's files.</summary>
    public static string ProgramFolder => Path.Combine(AppContext.BaseDirectory, FolderName);

    /// <summary>Starts the program and has it open what the setup says.</summary>
    /// <exception cref="FileNotFoundException">The program is not there.</exception>
    /// <exception cref="IOException">It ended at once.</exception>
    public static (EngineProcess Process, RemoteEngine Engine) Start(OnDeviceSetup setup)
    {
        var started = new EngineProcess(Process.Start(StartInfo())!);
        try
        {
            return (started, started.Open(setup));
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the process, which was told that this was all, and ends it where it does not end itself.</summary>
    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(ForTheEnd))
        {
            process.Kill();
        }

        process.Dispose();
    }

    static ProcessStartInfo StartInfo()
    {
        var library = Path.Combine(ProgramFolder, ProgramName + ".dll");
        if (!File.Exists(library))
        {
            throw new FileNotFoundException($"{library} does not exist. The program of `Engine` {EngineKind.OnDevice.ConfigName()} lies "
                + "beside the program that trains, where its build copies it: build that anew.", library);
        }

        // By the same .NET as this program: by the host that runs it, or by a host of its own, which finds what this one found.
        var host = Environment.ProcessPath;
        var own = Path.Combine(ProgramFolder, OperatingSystem.IsWindows() ? ProgramName + ".exe" : ProgramName);
        var isByHost = Path.GetFileNameWithoutExtension(host) == "dotnet";
        return new ProcessStartInfo(isByHost ? host! : own, isByHost ? [library] : [])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    RemoteEngine Open(OnDeviceSetup setup) =>
        new(process.StandardOutput.BaseStream, process.StandardInput.BaseStream, setup.ToJson(), LastWords);

    void Keep(string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            lock (lines)
            {
                lines.Enqueue(line.Trim());
                while (lines.Count > KeptLines)
                {
                    lines.Dequeue();
                }
            }
        }
    }

    string LastWords()
    {
        if (!process.WaitForExit(ForTheEnd))
        {
            return "It is there still, and answers nothing.";
        }

        // The lines too, which may come after the exit.
        process.WaitForExit();
        lock (lines)
        {
            var code = process.ExitCode.ToString(CultureInfo.InvariantCulture);
            return lines.Count == 0 ? $"Its exit code is {code}, and it wrote nothing."
                : $"Its exit code is {code}, and it wrote last: {string.Join(" | ", lines)}";
        }
    }
}
