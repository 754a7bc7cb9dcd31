using System.Text.Json.Nodes;
using OrtDpo.Pipeline.Tests;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.CudaEngine.Tests.Commands;

/// <summary>
/// Whole commands on the stub device: that they end, write their files and say where they ran. No number of theirs is looked at.
/// </summary>
public sealed class CudaCommandTests(CudaPipeline pipeline) : IClassFixture<CudaPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Precompute_says_where_it_scores_and_its_manifest_has_it()
    {
        pipeline.Require();
        Assert.Contains("device: cuda:0, FakeCuda", pipeline.Printed.Precompute, StringComparison.Ordinal);
        Assert.Contains("scoring: float32 on cuda:0, 2 threads", pipeline.Printed.Precompute, StringComparison.Ordinal);
        var environment = JsonNode.Parse(File.ReadAllText(Path.Combine(pipeline.Cache, "manifest-1of1.json")))!["environment"]!;
        Assert.Equal("cuda:0", (string?)environment["device"]);
        Assert.StartsWith("FakeCuda", (string?)environment["device_model"], StringComparison.Ordinal);
        Assert.Contains(
            "everything is as it was written", CudaProgram.RunProcess(["verify", pipeline.Cache]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_says_where_it_runs_and_its_folder_has_it()
    {
        pipeline.Require();
        Assert.Contains("device: cuda:0, FakeCuda", pipeline.Printed.Train, StringComparison.Ordinal);
        Assert.Matches("memory of cuda:0: .* planned, .* left; of the machine's .* planned", pipeline.Printed.Train);
        Assert.Contains("context and libraries 472 MB", pipeline.Printed.Train, StringComparison.Ordinal);
        Assert.Contains("device: \"cuda:0\"\n", File.ReadAllText(Path.Combine(pipeline.Run, "config.yaml")), StringComparison.Ordinal);
        var environment = JsonNode.Parse(File.ReadAllText(Path.Combine(pipeline.Run, "environment.json")))!;
        Assert.Equal("cuda:0", (string?)environment["device"]);
        Assert.StartsWith("FakeCuda", (string?)environment["device_model"], StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(pipeline.Run, "checkpoints", "step-3", "model.safetensors")));
    }

    [Theory]
    [InlineData("cuda:0", null)]
    [InlineData("cpu", "resumed otherwise than before: device was \"cuda:0\" and is now \"cpu\"; last bits may differ")]
    public void A_run_goes_on_where_it_began_or_says_that_it_does_not(string device, string? note)
    {
        pipeline.Require();
        var copy = folder.File("run");
        foreach (var file in Directory.EnumerateFiles(pipeline.Run, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(pipeline.Run, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        // Killed after its first checkpoint.
        Directory.Delete(Path.Combine(copy, "checkpoints", "step-3"), recursive: true);
        string[] arguments =
            [.. pipeline.TrainArguments.Select(a => a == pipeline.Run ? copy : a), "--max-steps", "3", "--resume", "--device", device];
        var printed = CudaProgram.Succeed(arguments);
        Assert.Contains("resumed after step 2 of 3", printed, StringComparison.Ordinal);
        Assert.Equal(note is not null, printed.Contains("resumed otherwise", StringComparison.Ordinal));
        Assert.Contains(note ?? "", printed, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(copy, "checkpoints", "step-3")));
    }

    [Fact]
    public void A_run_of_the_processor_goes_on_on_the_gpu_and_says_so()
    {
        pipeline.Require();
        string[] arguments =
        [
            "sft", "--model", pipeline.Model, "--data", pipeline.Supervised, "--batch-pairs", "4", "--save-steps", "2", "--max-steps", "4",
            "--out", folder.File("run"),
        ];
        CudaProgram.Succeed(arguments);
        Assert.DoesNotContain("device", File.ReadAllText(Path.Combine(folder.File("run"), "config.yaml")), StringComparison.Ordinal);
        Assert.DoesNotContain("device", File.ReadAllText(Path.Combine(folder.File("run"), "environment.json")), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(folder.File("run"), "checkpoints", "step-4"), recursive: true);
        Assert.Contains(
            "resumed otherwise than before: device was \"cpu\" and is now \"cuda:0\"; last bits may differ",
            CudaProgram.Succeed([.. arguments, "--resume", "--device", "cuda"]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Sft_eval_generate_plan_and_verify_run_on_the_device()
    {
        pipeline.Require();
        var sft = OnDevice(
            "sft", "--model", pipeline.Model, "--data", pipeline.Supervised, "--max-steps", "3", "--out", folder.File("sft"));
        Assert.Contains("policy: ", sft, StringComparison.Ordinal);
        Assert.Contains("eval_loss", OnDevice("eval", "--run", pipeline.Run), StringComparison.Ordinal);
        var text = OnDevice("generate", "--model", pipeline.Model, "--prompt", "apple", "--max-new-tokens", "4");
        Assert.Contains("apple", text, StringComparison.Ordinal);
        var plan = OnDevice("plan", "--model", pipeline.Model, "--data", pipeline.Pairs);
        Assert.Contains("context and libraries", plan, StringComparison.Ordinal);
        Assert.Contains("all on cuda:0", plan, StringComparison.Ordinal);
        Assert.Contains("time: a micro-batch", plan, StringComparison.Ordinal);
        Assert.Contains(
            "scored again with",
            CudaProgram.Run("verify", pipeline.Cache, "--model", pipeline.Reference, "--sample", "4", "--device", "cuda").Output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--lora-rank", "4")]
    [InlineData("--memory", "recompute")]
    [InlineData("--save-dtype", "bfloat16")]
    public void Ways_to_train_run_on_the_device(string option, string value)
    {
        pipeline.Require();
        OnDevice(
            "train", "--model", pipeline.Model, "--ref", pipeline.Cache, "--max-steps", "2", "--out", folder.File("run"), option, value);
        Assert.True(Directory.Exists(folder.File("run/checkpoints/step-2")));
    }

    [Fact]
    public void An_export_is_refused_that_the_policy_on_the_device_does_not_agree_with()
    {
        pipeline.Require();
        var run = CudaProgram.Run("export", "--run", pipeline.Run, "--out", folder.File("deploy"), "--device", "cuda");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("The exported model differs from the policy", run.Error, StringComparison.Ordinal);
        Assert.StartsWith("device: cuda:0, FakeCuda", run.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("deploy")));
    }

    [Fact]
    public void An_onnx_model_is_loaded_on_the_processor_and_another_device_is_refused()
    {
        pipeline.Require();
        var deploy = folder.File("deploy");
        CudaProgram.Succeed("export", "--run", pipeline.Run, "--out", deploy);
        string[] generate = ["generate", "--model", deploy, "--prompt", "apple", "--max-new-tokens", "2"];
        var reason = $"{deploy}/model.onnx is an ONNX model, which generating runs on the processor alone";
        Assert.Equal(
            new ProgramRun(1, "", $"{reason}, and --device is cuda:0. Give one of them up."),
            CudaProgram.Run([.. generate, "--device", "cuda"]));
        Assert.StartsWith(
            $"device: cpu, since {reason}.\napple", CudaProgram.Succeed([.. generate, "--device", "auto"]), StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_on_a_base_in_4_bits_trains_there()
    {
        pipeline.Require();
        Assert.StartsWith(
            "loss: ",
            CudaProgram.Succeed(
                ["sft", "--data", pipeline.Supervised, "--model", pipeline.Model, "--lora-rank", "2", "--base", "nf4", "--max-steps", "1",
                    "--out", folder.File("run"), "--device", "cuda"]),
            StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("run/checkpoints/step-1/adapter_model.safetensors")));
    }

    [Fact]
    public void What_has_no_form_for_the_device_is_refused_before_anything_is_written()
    {
        const string Sentence = "--optimizer adamw8bit runs on the processor alone, and --device is cuda:0. Give one of them up.";
        pipeline.Require();
        string[] data = ["--data", pipeline.Supervised, "--model", pipeline.Model, "--optimizer", "adamw8bit"];
        foreach (var verb in (string[][])[["sft", .. data, "--out", folder.File("run")], ["plan", .. data]])
        {
            Assert.Equal(
                new ProgramRun(1, "", Sentence),
                CudaProgram.Run([.. verb, "--device", "cuda"]));
        }

        Assert.False(Directory.Exists(folder.File("run")));
        Assert.StartsWith(
            "loss: ",
            CudaProgram.Succeed(["sft", .. data, "--max-steps", "1", "--out", folder.File("run"), "--device", "auto"]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_does_not_fit_names_the_device()
    {
        pipeline.Require();
        // Not even the context.
        FakeCudaDevice.SetTotalMemory(FakeCudaDevice.Counters.UsedBytes + (4L << 20));
        var refused = CudaProgram.Run(
            "sft", "--model", pipeline.Model, "--data", pipeline.Supervised, "--out", folder.File("run"), "--device", "cuda");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Matches(
            @"^The run needs \d+ MB of the memory of cuda:0, FakeCuda, and 4 MB are free there\. "
            + "Its largest parts: context and libraries 472 MB",
            refused.Error);
        Assert.DoesNotContain("adamw8bit", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--force runs it all the same", refused.Error, StringComparison.Ordinal);
        var precompute = CudaProgram.Run(
            "precompute", "--model", pipeline.Model, "--data", pipeline.Pairs, "--out", folder.File("cache"), "--device", "cuda");
        Assert.StartsWith("Scoring needs ", precompute.Error, StringComparison.Ordinal);
        Assert.Equal(1, precompute.ExitCode);
        Assert.False(Directory.Exists(folder.File("run")) || Directory.Exists(folder.File("cache")));
    }

    [Fact]
    public void Wherever_the_memory_of_a_forced_run_ends_it_is_a_sentence()
    {
        pipeline.Require();
        var data = folder.Write("long.jsonl", TinyPairs.Lines(32, words: 60));
        var refusals = 0;
        for (var (room, exitCode) = (4L, 1); exitCode != 0; room += 2)
        {
            Assert.InRange(room, 0, 200);
            FakeCudaDevice.SetTotalMemory(FakeCudaDevice.Counters.UsedBytes + (room << 20));
            var run = CudaProgram.Run(
                "train", "--model", pipeline.Model, "--data", data, "--loss", "simpo", "--beta", "2", "--max-steps", "1",
                "--batch-pairs", "32", "--micro-pairs", "32", "--out", folder.File("run"), "--device", "cuda", "--force");
            exitCode = run.ExitCode;
            if (exitCode == 0)
            {
                break;
            }

            refusals++;
            Assert.Equal(1, exitCode);
            Assert.Matches(@"^cuda:0, FakeCuda, has no \d+ MB more of memory: \d+ MB of \d+ MB are free\.", run.Error);
            Assert.False(Directory.Exists(folder.File("run")));
        }

        Assert.InRange(refusals, 4, 100);
    }

    static string OnDevice(params IEnumerable<string> arguments)
    {
        FakeCudaDevice.Reset();
        var printed = CudaProgram.Succeed([.. arguments, "--device", "cuda:0"]);
        Assert.Contains("device: cuda:0, FakeCuda", printed, StringComparison.Ordinal);
        Assert.True(FakeCudaDevice.Counters.Launches > 0 && FakeCudaDevice.Counters.Gemms > 0);
        return printed;
    }
}
