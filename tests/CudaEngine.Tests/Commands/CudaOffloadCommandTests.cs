using System.Text.Json.Nodes;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.CudaEngine.Tests.Commands;

/// <summary>
/// Whole commands with weights in the machine's memory: that they end, what they ask of the stub device, and what they say. No number of
/// theirs is looked at.
/// </summary>
public sealed class CudaOffloadCommandTests(UntiedPipeline pipeline) : IClassFixture<UntiedPipeline>, IDisposable
{
    const string Embeddings = "--embeddings host";
    const string Stream = "--stream on";

    readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Ways => new()
    {
        { Stream, "layers" }, { Embeddings, "embeddings" }, { $"{Embeddings} {Stream}", "embeddings and layers" },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void Precompute_and_train_end_and_say_what_lies_where(string options, string name)
    {
        pipeline.Require();
        var cache = folder.File("cache");
        Says(options, CudaProgram.Succeed([.. pipeline.Precompute(cache), "--device", "cuda", .. options.Split(' ')]));
        Assert.Contains(
            "everything is as it was written", CudaProgram.RunProcess(["verify", cache]).Output, StringComparison.Ordinal);
        FakeCudaDevice.Reset();
        var run = folder.File("run");
        Says(options, CudaProgram.Succeed([.. pipeline.Train(run), "--device", "cuda", .. options.Split(' ')]));
        Assert.Contains($"offload: \"{name}\"\n", File.ReadAllText(Path.Combine(run, "config.yaml")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "checkpoints", "step-3", "adapter_model.safetensors")));
    }

    [Theory]
    [InlineData("", Stream, "offload was \"none\" and is now \"layers\"")]
    [InlineData(Stream, Embeddings, "offload was \"layers\" and is now \"embeddings\"")]
    [InlineData($"{Embeddings} {Stream}", "", "offload was \"embeddings and layers\" and is now \"none\"")]
    [InlineData(Stream, Stream, null)]
    public void A_run_goes_on_with_other_weights_in_the_machines_memory_and_its_configuration_says_how_it_began(
        string before, string now, string? note)
    {
        pipeline.Require();
        string[] train = [.. pipeline.Train(folder.File("run")), "--device", "cuda"];
        CudaProgram.Succeed([.. train, .. Words(before)]);
        var config = File.ReadAllText(folder.File("run/config.yaml"));
        Assert.Equal(before.Length > 0, config.Contains("offload", StringComparison.Ordinal));
        // Killed after its first checkpoint.
        Directory.Delete(folder.File("run/checkpoints/step-3"), recursive: true);
        FakeCudaDevice.Reset();
        var printed = CudaProgram.Succeed([.. train, "--resume", .. Words(now)]);
        Says(now, printed);
        Assert.Contains("resumed after step 2 of 3", printed, StringComparison.Ordinal);
        Assert.Equal(note is not null, printed.Contains("resumed otherwise", StringComparison.Ordinal));
        Assert.Contains(
            note is null ? "" : $"resumed otherwise than before: {note}; no number differs for it\n", printed, StringComparison.Ordinal);
        Assert.Equal(config, File.ReadAllText(folder.File("run/config.yaml")));
        Assert.True(Directory.Exists(folder.File("run/checkpoints/step-3")));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Eval_generate_verify_and_export_do_so_too(string options, string name)
    {
        Assert.NotEmpty(name);
        pipeline.Require();
        var printed = new List<string>();
        foreach (var command in Commands())
        {
            FakeCudaDevice.Reset();
            var run = CudaProgram.Run([.. command, "--device", "cuda", .. options.Split(' ')]);
            Says(options, run.Output);
            Assert.StartsWith("device: cuda:0, FakeCuda", run.Output, StringComparison.Ordinal);
            Assert.Matches("memory of cuda:0: .* planned, .* left; of the machine's .* planned", run.Output);
            printed.Add(run.Output + run.Error);
        }

        Assert.Contains("eval_loss", printed[0], StringComparison.Ordinal);
        Assert.Contains("apple", printed[1], StringComparison.Ordinal);
        Assert.Contains("scored again with", printed[2], StringComparison.Ordinal);
        // The stubs compute nothing that an export could agree with.
        Assert.Contains("The exported model differs from the policy", printed[3], StringComparison.Ordinal);
    }

    [Fact]
    public void What_machines_read_is_one_object()
    {
        pipeline.Require();
        var eval = CudaProgram.Succeed("eval", "--run", pipeline.Run, "--json", "--device", "cuda", "--stream", "on");
        Assert.NotNull(JsonNode.Parse(eval)!["eval_loss"]);
        var verify = CudaProgram.Run(
            "verify", pipeline.Cache, "--model", pipeline.Reference, "--sample", "2", "--json", "--device", "cuda", "--stream", "on");
        Assert.NotNull(JsonNode.Parse(verify.Output)!["rescored"]);
    }

    [Fact]
    public void Memory_that_does_not_suffice_brings_the_embedding_to_the_machine()
    {
        pipeline.Require();
        string[][] all = [[.. pipeline.Precompute(folder.File("cache"))], [.. pipeline.Train(folder.File("run"))], .. Commands()];
        foreach (var command in all)
        {
            CudaOptions.Require();
            var whole = CudaProgram.Run([.. command, "--device", "cuda", "--embeddings", "device", "--stream", "off"]).Output;
            Assert.DoesNotContain("in the machine's memory", whole, StringComparison.Ordinal);
            // A plan may take 95 % of what is left, and the embedding is 13 MB.
            GiveMemory((long)((Planned(whole) - 6) / 0.95));
            Delete(folder.File("cache"));
            Delete(folder.File("run"));
            var printed = CudaProgram.Run([.. command, "--device", "cuda"]).Output;
            Assert.Contains(
                "embeddings: looked up in the machine's memory (as the GPU's demands; --embeddings)\n", printed, StringComparison.Ordinal);
            Assert.InRange(Planned(whole) - Planned(printed), 8, 16);
        }
    }

    [Fact]
    public void What_does_not_fit_is_told_what_would()
    {
        pipeline.Require();
        string[] device = ["--device", "cuda", "--embeddings", "device", "--stream", "off"];
        foreach (var command in (string[][])[[.. pipeline.Precompute(folder.File("cache"))], [.. pipeline.Train(folder.File("run"))]])
        {
            CudaOptions.Require();
            var whole = CudaProgram.Succeed([.. command, .. device]);
            Delete(folder.File("cache"));
            Delete(folder.File("run"));
            GiveMemory(Planned(whole) - 6);
            var refused = CudaProgram.Run([.. command, .. device]);
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.Matches(
                @"^(Scoring|The run) needs \d+ MB of the memory of cuda:0, FakeCuda.*\. "
                + @"With --embeddings host it fits: \d+ MB of cuda:0 and \d+ MB of the machine's\. Try ",
                refused.Error);
            // It does.
            CudaProgram.Succeed([.. command, .. device.Select(word => word == "device" ? "host" : word)]);
        }
    }

    [Fact]
    public void What_auto_has_tried_is_not_advised()
    {
        pipeline.Require();
        GiveMemory(4);
        const string All = " That is with all of its weights in the machine's memory that can lie there (--embeddings, --stream). ";
        string[][] commands =
            [[.. pipeline.Precompute(folder.File("cache"))], [.. pipeline.Train(folder.File("run"))], .. Commands()];
        foreach (var command in commands)
        {
            var refused = CudaProgram.Run([.. command, "--device", "cuda"]);
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.Contains(All, refused.Error, StringComparison.Ordinal);
            var kept = CudaProgram.Run([.. command, "--device", "cuda", "--stream", "off"]);
            Assert.Matches(
                @" With --stream on it does not fit either: \d+ MB of cuda:0 and \d+ MB of the machine's\. ", kept.Error);
        }

        Assert.False(Directory.Exists(folder.File("cache")) || Directory.Exists(folder.File("run")));
    }

    [Fact]
    public void Weights_that_train_are_said_to_stay()
    {
        pipeline.Require();
        GiveMemory(4);
        var refused = CudaProgram.Run(
            [.. pipeline.Train(folder.File("run")).TakeWhile(word => word != "--lora-rank"), "--device", "cuda"]);
        Assert.Contains(
            " None of its weights can lie in the machine's memory: 'model.embed_tokens.weight' trains, which it does on the device; all "
            + $"weights of the layers of {pipeline.Model} train, which they do on the device. ",
            refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "none", "none")]
    [InlineData(Stream, "layers", "layers")]
    [InlineData($"{Embeddings} {Stream}", "embeddings and layers", "embeddings and layers")]
    public void A_plan_has_what_each_stage_offloads(string options, string precompute, string train)
    {
        pipeline.Require();
        string[] plan =
        [
            "plan", "--model", pipeline.Model, "--data", pipeline.Pairs, "--lora-rank", "2", "--device", "cuda", "--gpu-memory", "2GB",
            .. Words(options),
        ];
        var json = JsonNode.Parse(CudaProgram.Succeed([.. plan, "--json"]))!;
        Assert.Equal(
            (precompute, train), ((string?)json["precompute"]!["offload"], (string?)json["train"]!["offload"]));
        var text = CudaProgram.Succeed(plan);
        Assert.Equal(
            options.Contains(Stream, StringComparison.Ordinal) ? 2 : 0, text.Split("frozen layers: in the machine's memory").Length - 1);
    }

    [Fact]
    public void A_plan_offloads_of_each_stage_what_does_not_fit()
    {
        pipeline.Require();
        string[] plan =
            ["plan", "--model", pipeline.Model, "--data", pipeline.Pairs, "--device", "cuda", "--json", "--gpu-memory"];
        var ample = JsonNode.Parse(CudaProgram.Succeed([.. plan, "2GB"]))!;
        // All weights train, so that nothing of stage 2 can lie elsewhere.
        var megabytes = (int)((((long)ample["precompute"]!["own_bytes"]! / 1e6) - 6) / 0.95);
        var tight = JsonNode.Parse(CudaProgram.Succeed([.. plan, $"{megabytes}MB"]))!;
        Assert.Equal(
            ("embeddings", "none", false),
            ((string?)tight["precompute"]!["offload"], (string?)tight["train"]!["offload"], (bool)tight["fits"]!));
    }

    [Fact]
    public void On_the_processor_there_is_nothing_to_offload()
    {
        pipeline.Require();
        foreach (var command in Commands())
        {
            var refused = CudaProgram.Run([.. command, "--stream", "on"]);
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.StartsWith(
                "The model's layers are to lie in the host's memory, and the device is the processor, whose memory that is. Choose a GPU "
                + "(--device), or leave --embeddings and --stream out.",
                refused.Error, StringComparison.Ordinal);
        }
    }

    // Eval, generate, verify, export.
    string[][] Commands() =>
    [
        ["eval", "--run", pipeline.Run],
        ["generate", "--model", pipeline.Model, "--prompt", "apple", "--max-new-tokens", "4"],
        ["verify", pipeline.Cache, "--model", pipeline.Reference, "--sample", "4"],
        ["export", "--run", pipeline.Run, "--out", folder.File("deploy")],
    ];

    static void Says(string options, string printed)
    {
        Assert.Equal(
            options.Contains(Embeddings, StringComparison.Ordinal),
            printed.Contains("embeddings: looked up in the machine's memory (--embeddings host)", StringComparison.Ordinal));
        Assert.Equal(
            options.Contains(Stream, StringComparison.Ordinal),
            printed.Contains("frozen layers: in the machine's memory, copied up one by one (--stream on)", StringComparison.Ordinal));
        // Copies beside the device's work, which it waits for; what it does without them is on one stream.
        Assert.Equal(options.Contains(Stream, StringComparison.Ordinal), FakeCudaDevice.Calls.ContainsKey("cudaStreamWaitEvent"));
    }

    static string[] Words(string options) => options.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // In MB.
    static long Planned(string printed)
    {
        const string Before = "memory of cuda:0: ";
        var text = printed[(printed.IndexOf(Before, StringComparison.Ordinal) + Before.Length)..];
        return long.Parse(text[..text.IndexOf(" MB planned", StringComparison.Ordinal)], null);
    }

    // MB beside what is used already.
    static void GiveMemory(long megabytes) =>
        FakeCudaDevice.SetTotalMemory(FakeCudaDevice.Counters.UsedBytes + (megabytes * 1_000_000));

    static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
