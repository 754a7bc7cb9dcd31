namespace OrtDpo.Pipeline.Tests;

/// <summary>A tiny model, its pairs, their reference cache and a short run, made by the programs once for all tests of a class.</summary>
public class TinyPipeline : IDisposable
{
    readonly TemporaryFolder folder = new();

    public TinyPipeline()
        : this(OrtDpoProgram.Run)
    {
    }

    private protected TinyPipeline(Func<IEnumerable<string>, ProgramRun> run)
    {
        TinyModel.Write(Model);
        folder.Write("pairs.jsonl", TinyPairs.Lines(40));
        OutputOf(run(["precompute", "--model", Model, "--data", Data, "--eval-fraction", "0.25", "--out", Cache]));
        OutputOf(run([.. TrainArguments, "--out", Run]));
    }

    public string Folder => folder.Path;

    public string Model => folder.File("model");

    public string Data => folder.File("pairs.jsonl");

    public string Cache => folder.File("ref");

    public string Run => folder.File("run");

    /// <summary>The command that made <see cref="Run"/>, without its <c>--out</c>.</summary>
    public IReadOnlyList<string> TrainArguments =>
        ["train", "--model", Model, "--ref", Cache, "--max-steps", "4", "--save-steps", "2", "--learning-rate", "1e-2"];

    public void Dispose()
    {
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs a command in this process, which must succeed; its stdout.</summary>
    internal static string Succeed(params string[] arguments) => OutputOf(OrtDpoProgram.Run(arguments));

    /// <summary>Runs <c>ortdpo</c> as a process, which must succeed; its stdout.</summary>
    internal static string SucceedProcess(params string[] arguments) => OutputOf(OrtDpoProgram.RunProcess(arguments));

    static string OutputOf(ProgramRun run)
    {
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Output;
    }
}

/// <summary>The same, each command a process.</summary>
public sealed class TinyPipelineOfProcesses() : TinyPipeline(OrtDpoProgram.RunProcess);
