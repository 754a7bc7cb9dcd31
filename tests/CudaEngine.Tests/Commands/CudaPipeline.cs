using OrtDpo.Pipeline.Tests;

namespace OrtDpo.CudaEngine.Tests.Commands;

/// <summary>
/// A tiny model, a cache that it scored on the stub device, and a run there of another start, so that no gate compares numbers, all of
/// which are junk. Made once, by the first test that asks: fixtures cannot be skipped.
/// </summary>
public sealed class CudaPipeline : IDisposable
{
    readonly TemporaryFolder folder = new();
    bool isMade;

    public string Folder => folder.Path;

    public string Reference => folder.File("reference");

    public string Model => folder.File("model");

    public string Pairs => folder.File("pairs.jsonl");

    public string Supervised => folder.File("supervised.jsonl");

    public string Cache => folder.File("cache");

    public string Run => folder.File("run");

    /// <summary>What <c>precompute</c> and <c>train</c> printed.</summary>
    public (string Precompute, string Train) Printed { get; private set; }

    /// <summary>The command that made <see cref="Run"/>, but for its device and its length.</summary>
    public IReadOnlyList<string> TrainArguments =>
        ["train", "--model", Model, "--ref", Cache, "--out", Run, "--batch-pairs", "4", "--save-steps", "2", "--eval-steps", "3"];

    /// <summary>Where a test begins; skips it where the stub libraries cannot be.</summary>
    internal CudaPipeline Require()
    {
        CudaOptions.Require();
        if (!isMade)
        {
            TinyModel.Write(Reference, seed: 1);
            TinyModel.Write(Model, seed: 2);
            folder.Write("pairs.jsonl", TinyPairs.Lines(24));
            var rows = Enumerable.Range(0, 12).Select(i => $"{{\"prompt\": \"{i}?\", \"completion\": \" {i}.\"}}\n");
            folder.Write("supervised.jsonl", string.Concat(rows));
            var precompute = CudaProgram.Succeed(
                "precompute", "--model", Reference, "--data", Pairs, "--eval-fraction", "0.25", "--device", "cuda", "--out", Cache);
            Printed = (precompute, CudaProgram.Succeed([.. TrainArguments, "--max-steps", "3", "--device", "cuda:0"]));
            isMade = true;
        }

        return this;
    }

    public void Dispose() => folder.Dispose();
}
