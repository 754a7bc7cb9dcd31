using OrtDpo.Pipeline.Tests;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.CudaEngine.Tests.Commands;

/// <summary>
/// Two tiny models whose embeddings are not their heads, a cache that one scored on the stub device, and a run there of an adapter on the
/// other. Made once, by the first test that asks: fixtures cannot be skipped.
/// </summary>
public sealed class UntiedPipeline : IDisposable
{
    readonly TemporaryFolder folder = new();
    bool isMade;

    public string Reference => folder.File("reference");

    public string Model => folder.File("model");

    public string Pairs => folder.File("pairs.jsonl");

    public string Cache => folder.File("cache");

    public string Run => folder.File("run");

    /// <summary>The command that makes a run, but for its device and what is offloaded: three steps of an adapter.</summary>
    public IReadOnlyList<string> Train(string run) =>
    [
        "train", "--model", Model, "--ref", Cache, "--out", run, "--batch-pairs", "4", "--save-steps", "2", "--eval-steps", "3",
        "--lora-rank", "2", "--max-steps", "3",
    ];

    /// <summary>The command that makes a cache, but for its device and what is offloaded.</summary>
    public IReadOnlyList<string> Precompute(string cache) =>
        ["precompute", "--model", Reference, "--data", Pairs, "--eval-fraction", "0.25", "--out", cache];

    /// <summary>Where a test begins; skips it where the stub libraries cannot be.</summary>
    internal UntiedPipeline Require()
    {
        CudaOptions.Require();
        if (!isMade)
        {
            // An embedding and a head of 13 MB each, which no tokenizer has so many tokens for.
            var shape = new TinyShape(Vocabulary: 200_000, IsTied: false);
            TinyModel.Write(Reference, seed: 1, shape: shape);
            TinyModel.Write(Model, seed: 2, shape: shape);
            folder.Write("pairs.jsonl", TinyPairs.Lines(24));
            CudaProgram.Succeed([.. Precompute(Cache), "--device", "cuda"]);
            CudaProgram.Succeed([.. Train(Run), "--device", "cuda"]);
            isMade = true;
        }

        FakeCudaDevice.Reset();
        return this;
    }

    public void Dispose() => folder.Dispose();
}
