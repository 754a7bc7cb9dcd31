using OrtDpo.Testing.OnDevice;

namespace OrtDpo.Pipeline.Tests.OnDevice;

/// <summary>A tiny model, pairs and their reference cache, and what a run by the on-device engine over the stub is told.</summary>
public sealed class OnDeviceFixture : IDisposable
{
    readonly TemporaryFolder folder = new();

    public OnDeviceFixture()
    {
        TinyModel.Write(Model);
        folder.Write("pairs.jsonl", TinyPairs.Lines(24));
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", Data, "--eval-fraction", "0.25", "--out", Cache);
    }

    public string Model => folder.File("model");

    public string Data => folder.File("pairs.jsonl");

    public string Cache => folder.File("ref");

    public string Out(string name) => folder.File(name);

    /// <summary>Four steps of four pairs in two micro-batches, clipped.</summary>
    public string[] Train(string run) =>
    [
        "train", "--model", Model, "--ref", Cache, "--out", Out(run), "--max-steps", "4", "--batch-pairs", "4", "--micro-pairs", "2",
        "--save-steps", "2", "--eval-steps", "2", "--learning-rate", "1e-3", "--max-grad-norm", "0.5",
    ];

    /// <summary>What chooses the engine over the stub, which reads its variables in the engine's process.</summary>
    public static string[] ByOnDevice()
    {
        var library = StubRuntime.WithTraining();
        Environment.SetEnvironmentVariable(StubRuntime.RuntimeVariable, StubRuntime.Plain());
        return ["--engine", "on-device", "--on-device-library", library];
    }

    public void Dispose() => folder.Dispose();
}
