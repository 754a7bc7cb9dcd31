namespace OrtDpo.Pipeline.Tests;

/// <summary>A tiny model, its pairs, their reference cache and a short run, made by the programs once for all tests of a class.</summary>
public sealed class TinyPipeline : IDisposable
{
    readonly TemporaryFolder folder = new();

    public TinyPipeline()
    {
        TinyModel.Write(Model);
        folder.Write("pairs.jsonl", TinyPairs.Lines(40));
        Succeed("precompute", "--model", Model, "--data", Data, "--eval-fraction", "0.25", "--out", Cache);
        Succeed([.. TrainArguments, "--out", Run]);
    }

    public string Folder => folder.Path;

    public string Model => folder.File("model");

    public string Data => folder.File("pairs.jsonl");

    public string Cache => folder.File("ref");

    public string Run => folder.File("run");

    /// <summary>The command that made <see cref="Run"/>, without its <c>--out</c>.</summary>
    public IReadOnlyList<string> TrainArguments =>
        ["train", "--model", Model, "--ref", Cache, "--max-steps", "4", "--save-steps", "2", "--learning-rate", "1e-2"];

    public void Dispose() => folder.Dispose();

    /// <summary>Runs <c>ortdpo</c>, which must succeed; its stdout.</summary>
    internal static string Succeed(params string[] arguments)
    {
        var run = OrtDpoProgram.Run(arguments);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Output;
    }
}
