using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.CudaEngine.Tests.Commands;

/// <summary>
/// Stages that compute in bfloat16: what they write down, and what does not go together. No number of theirs is looked at.
/// </summary>
public sealed class CudaDtypeTests(CudaPipeline pipeline) : IClassFixture<CudaPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    string Cache => folder.File("cache16");

    string Run => folder.File("run16");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_cache_in_bfloat16_says_so_and_its_policy_follows()
    {
        var printed = Precompute();
        Assert.Contains("scoring: bfloat16 on cuda:0, 2 threads", printed, StringComparison.Ordinal);
        Assert.Contains("\"dtype\": \"bf16\"", File.ReadAllText(Path.Combine(Cache, "manifest-1of1.json")), StringComparison.Ordinal);

        FakeCudaDevice.Reset();
        printed = CudaProgram.Succeed([.. Train, "--max-steps", "3", "--device", "cuda"]);
        Assert.Contains("products: bfloat16 (as the cache's); what trains is float32", printed, StringComparison.Ordinal);
        Assert.Contains(FakeCudaDevice.KernelNames, kernel => kernel.Key.Contains("bfloat16", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("dtype: \"bfloat16\"\n", File.ReadAllText(Path.Combine(Run, "config.yaml")), StringComparison.Ordinal);

        Directory.Delete(Path.Combine(Run, "checkpoints", "step-3"), recursive: true);
        printed = CudaProgram.Succeed([.. Train, "--max-steps", "3", "--resume", "--device", "cuda", "--dtype", "bf16"]);
        Assert.Contains("resumed after step 2 of 3", printed, StringComparison.Ordinal);
        Assert.Contains("products: bfloat16 (--dtype)", printed, StringComparison.Ordinal);

        FakeCudaDevice.Reset();
        CudaProgram.Succeed("eval", "--run", Run, "--device", "cuda");
        Assert.Contains(FakeCudaDevice.KernelNames, kernel => kernel.Key.Contains("bfloat16", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(
            "fixed rows: 0 nats apart of 1.5 allowed",
            CudaProgram.Succeed("verify", Cache, "--model", pipeline.Reference, "--sample", "2", "--device", "cuda"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_computes_in_two_types_does_not_go_together()
    {
        Precompute();
        Refused(
            [.. Train, "--dtype", "float32", "--device", "cuda"],
            $"{Cache} was computed in bfloat16, and this run computes in float32. "
            + "Leave --dtype out, to compute as the cache was, or run precompute again.");
        Refused(
            [.. Train.Select(a => a == Cache ? pipeline.Cache : a), "--dtype", "bf16", "--device", "cuda"],
            $"{pipeline.Cache} was computed in float32, and this run computes in bfloat16. "
            + "Leave --dtype out, to compute as the cache was, or run precompute again.");
        Refused(
            ["precompute", "--model", pipeline.Reference, "--data", pipeline.Pairs, "--device", "cuda", "--out", Cache],
            $"{Cache} holds a cache that was made with dtype bf16 and not fp32. Choose another folder, or delete this one.");
        Refused(
            ["precompute", "--model", pipeline.Reference, "--data", pipeline.Pairs, "--device", "cuda", "--reuse", Cache,
                "--out", folder.File("other")],
            $"{Cache} was scored under another contract, with dtype bf16 and not fp32: its numbers are not this cache's. "
            + "Leave it out of --reuse.");
    }

    [Fact]
    public void The_processor_is_refused_with_what_would_help()
    {
        const string Reason =
            "The processor computes in float32 alone, and what is asked for (by --dtype, or by the cache) is bfloat16. ";
        const string Sentence = Reason + "Choose another --device, or run every stage in float32.";
        Precompute();
        string[] sft =
            ["sft", "--model", pipeline.Model, "--data", pipeline.Supervised, "--out", folder.File("run"), "--dtype", "bfloat16"];
        Refused(Train, Sentence);
        Refused(sft, Sentence);
        Refused(["plan", "--model", pipeline.Model, "--data", pipeline.Pairs, "--dtype", "bf16"], Sentence);
        Refused(
            ["precompute", "--model", pipeline.Model, "--data", pipeline.Pairs, "--out", folder.File("cache"), "--dtype", "bf16"],
            Sentence);
        // The stubs' numbers are wrong, so no GPU is taken.
        var auto = CudaProgram.RunProcess([.. sft, "--device", "auto"]);
        Assert.Equal((1, ""), (auto.ExitCode, auto.Output));
        Assert.StartsWith(Reason + "No GPU was taken, since cuda:0", auto.Error, StringComparison.Ordinal);
        Assert.EndsWith("Choose another --device then, or run every stage in float32.", auto.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("run")) || Directory.Exists(folder.File("cache")) || Directory.Exists(Run));
    }

    [Fact]
    public void A_plan_in_bfloat16_has_copies_of_what_trains_and_smaller_activations()
    {
        pipeline.Require();
        string[] plan = ["plan", "--model", pipeline.Model, "--data", pipeline.Pairs, "--no-time", "--device", "cuda"];
        var (wide, narrow) = (CudaProgram.Succeed(plan), CudaProgram.Succeed([.. plan, "--dtype", "bf16"]));
        Assert.DoesNotContain("copies of weights", wide, StringComparison.Ordinal);
        Assert.Contains("copies of weights", narrow, StringComparison.Ordinal);
    }

    string[] Train =>
        ["train", "--model", pipeline.Model, "--ref", Cache, "--out", Run, "--batch-pairs", "4", "--save-steps", "2", "--eval-steps", "3"];

    string Precompute()
    {
        pipeline.Require();
        // What was left in memory, read as bfloat16, is not always finite, and no cache holds that; untouched memory is zeros.
        FakeCudaDevice.MoveNoBytes();
        return CudaProgram.Succeed(
            "precompute", "--model", pipeline.Reference, "--data", pipeline.Pairs, "--eval-fraction", "0.25", "--device", "cuda",
            "--dtype", "bf16", "--out", Cache);
    }

    static void Refused(IEnumerable<string> arguments, string sentence)
    {
        var run = CudaProgram.Run(arguments);
        Assert.Equal((1, sentence), (run.ExitCode, run.Error));
    }
}
