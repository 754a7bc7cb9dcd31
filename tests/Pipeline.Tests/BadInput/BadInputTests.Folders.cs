using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OrtDpo.Data.Cache;

namespace OrtDpo.Pipeline.Tests;

public sealed partial class BadInputTests
{
    [Fact]
    public void A_cache_of_another_tokenizer()
    {
        var model = TinyModel.Write(folder.File("model"), eosToken: "<|user|>");
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(made.Cache, "manifest-1of1.json")))!;
        var of = manifest["identity"]!["tokenizer_digest"]!.ToString();
        var run = OrtDpoProgram.Run(Train(model, made.Cache));
        Assert.Matches(
            $"^{made.Cache} was made with tokenizer {of[..12]}… and this model has tokenizer [0-9a-f]{{12}}…\\. Run precompute again\\.\n$",
            run.Error);
        Assert.Equal((1, "", false), (run.ExitCode, run.Output, Directory.Exists(Out)));
    }

    [Fact]
    public void A_cache_that_is_not_there_or_not_complete()
    {
        var cache = folder.File("ref");
        Refused(1, $"The reference cache {cache} does not exist. Make it with precompute.", Train(made.Model, cache));

        CopyOf(made.Cache, "ref");
        var manifest = Path.Combine(cache, "manifest-1of1.json");
        (CacheManifest.Read(manifest) with { Complete = false, Parts = [] }).Write(manifest);
        Refused(
            1,
            $"{manifest}: the cache is not complete (0 of 1 parts are written). Run precompute again with the same options: it continues.",
            Train(made.Model, cache));
    }

    [Fact]
    public void A_cache_with_a_flipped_byte()
    {
        var cache = CopyOf(made.Cache, "ref");
        var part = Path.Combine(cache, "part-1of1-00000.parquet");
        var before = Sha256(part);
        Flip(part);
        Refused(
            1,
            $"{part} is damaged: its SHA-256 is {Sha256(part)[..12]}… and the manifest says {before[..12]}…. "
            + "Run precompute again with the same options: it makes this part anew.",
            Train(made.Model, cache));
    }

    [Fact]
    public void A_cache_of_other_rows_in_the_folder_to_write()
    {
        var data = folder.Write("other.jsonl", TinyPairs.Lines(20, seed: 2));
        Refused(
            1,
            $"{made.Cache} holds a cache that was made from other rows, or another split of them. "
            + "Choose another folder, or delete this one.",
            "precompute", "--model", made.Model, "--data", data, "--out", made.Cache);
    }

    [Fact]
    public void A_run_that_is_resumed_with_other_options()
    {
        var config = Path.Combine(made.Run, "config.yaml");
        Refused(
            1,
            $"{config}: the run was started with beta 0.1, and this command has 0.2. "
            + "Resume with the options of the run, or choose another folder.",
            [.. made.TrainArguments, "--beta", "0.2", "--resume", "--out", made.Run]);
    }

    [Fact]
    public void A_checkpoint_with_a_flipped_byte()
    {
        var run = CopyOf(made.Run, "run");
        var checkpoint = Path.Combine(run, "checkpoints", "step-4");
        var weights = Path.Combine(checkpoint, "model.safetensors");
        Flip(weights);
        var fault = $"{weights} is not the file that the checkpoint was written with.";
        Refused(1, $"{fault} Remove {checkpoint} to resume from the checkpoint before it.", "eval", "--run", run);

        Flip(Path.Combine(run, "checkpoints", "step-2", "model.safetensors"));
        GivenUp(
            $"{fault} No other checkpoint of the run is whole: restore the file, or start the run again elsewhere.",
            [.. made.TrainArguments, "--resume", "--out", run]);

        Flip(Path.Combine(run, "checkpoints", "step-2", "model.safetensors"));
        var output = TinyPipeline.Succeed([.. made.TrainArguments, "--resume", "--out", run]);
        Assert.Contains($"checkpoint passed over: {fault} It lies in {checkpoint}.damaged now\n", output, StringComparison.Ordinal);
        Assert.Contains("resumed after step 2 of 4\n", output, StringComparison.Ordinal);
        Assert.Equal(RunFiles.Last(made.Run, 4), RunFiles.Last(run, 4));
    }

    [Fact]
    public void An_output_folder_that_is_taken()
    {
        Refused(
            1,
            $"{made.Run} already holds a run with a checkpoint after step 4. Add --resume to go on with it, or choose another folder.",
            [.. made.TrainArguments, "--out", made.Run]);
        Refused(
            1,
            $"{made.Model} holds 'config.json' and no run. Choose a folder that does not exist yet.",
            [.. made.TrainArguments, "--out", made.Model]);
        Refused(
            1,
            $"{made.Cache} exists already. Choose a new folder for the export, or remove it.",
            "export", "--run", made.Run, "--out", made.Cache);
        Refused(
            1,
            $"{made.Model} holds 'config.json' and no cache. Choose a folder that does not exist yet.",
            "precompute", "--model", made.Model, "--data", made.Data, "--out", made.Model);
        Refused(
            1,
            $"{made.Data} is a file. Choose a folder that does not exist yet.",
            "precompute", "--model", made.Model, "--data", made.Data, "--out", made.Data);
    }

    [Fact]
    public void A_folder_that_is_no_run()
    {
        var nothing = folder.File("run");
        Refused(1, $"The run {nothing} does not exist. Make it with train.", "export", "--run", nothing, "--out", Out);
        Refused(1, $"{made.Cache} holds no config.yaml: it is no run. Make one with train.", "export", "--run", made.Cache, "--out", Out);
        Refused(1, $"{made.Cache} holds no config.yaml: it is no run. Make one with train.", "eval", "--run", made.Cache);
    }

    static string Sha256(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
