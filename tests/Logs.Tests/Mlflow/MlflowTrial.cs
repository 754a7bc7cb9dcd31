using OrtDpo.Logs.Mlflow;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Logs.Tests.Mlflow;

/// <summary>A run's folder, a server, and a log between them that waits for milliseconds where it would for seconds.</summary>
sealed class MlflowTrial : IDisposable
{
    public static readonly MlflowPacing Fast = new()
    {
        Interval = TimeSpan.FromMilliseconds(5),
        FirstPause = TimeSpan.FromMilliseconds(5),
        LongestPause = TimeSpan.FromMilliseconds(20),
        // Of a machine that does much else; no test waits so long where all goes well.
        EndWait = TimeSpan.FromSeconds(60),
    };

    /// <summary>For servers that do not answer.</summary>
    public static readonly MlflowPacing Impatient = Fast with { RequestTimeout = TimeSpan.FromMilliseconds(500) };

    readonly TemporaryFolder folder = new();

    public MlflowTrial()
    {
        Folder = folder.File("my-run");
        Directory.CreateDirectory(Folder);
        Options = new MlflowOptions { Server = Server.Address };
    }

    public string Folder { get; }

    public MlflowStandIn Server { get; } = new();

    public MlflowOptions Options { get; set; }

    public MlflowPacing Pacing { get; set; } = Fast;

    public List<string> Notes { get; } = [];

    public string RunFile => Path.Combine(Folder, "mlflow.json");

    public RunConfig Config { get; set; } = LoggedRuns.Config();

    /// <summary>A log that was told nothing yet.</summary>
    public MlflowLog Begin() =>
        new(LoggedRuns.In(Folder, Config), Options, TimeProvider.System, Notes.Add, Pacing);

    /// <summary>A run from its start to its end.</summary>
    public void Run(RunEnding ending, params TrainingEvent[] told)
    {
        using var log = Begin();
        foreach (var one in told)
        {
            log.Tell(one);
        }

        log.End(ending);
    }

    public void Dispose()
    {
        Server.Dispose();
        folder.Dispose();
    }
}
