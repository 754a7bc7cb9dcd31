using System.Text.Json;
using OrtDpo.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Cli.Tests.Train;

/// <summary>Checkpoints whose weights are saved in another type than they train in.</summary>
public sealed class SaveDtypeTests : IDisposable
{
    readonly TrainingTrial trial = new();

    public void Dispose() => trial.Dispose();

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("float16")]
    public void A_resumed_run_ends_with_the_bytes_of_one_that_was_not_stopped(string dtype)
    {
        foreach (var run in (string[])["whole", "resumed"])
        {
            Train(run, "--max-steps", "4", "--save-steps", "2", "--save-dtype", dtype);
        }

        trial.Forget("resumed", 4);
        var output = Train("resumed", "--max-steps", "4", "--save-steps", "2", "--save-dtype", dtype, "--resume");
        Assert.Contains("resumed after step 2 of 4", output, StringComparison.Ordinal);
        trial.RequireSame("whole", "resumed", 4);
    }

    [Theory]
    [InlineData("bfloat16", WeightType.BF16)]
    [InlineData("float16", WeightType.F16)]
    public void Weights_are_those_of_a_float32_run_rounded_once_and_the_configuration_says_so(string dtype, WeightType type)
    {
        var config = Path.Combine(trial.Model, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("{", "{\"torch_dtype\":\"float32\",", StringComparison.Ordinal));
        Train("wide", "--max-steps", "2");
        Train("narrow", "--max-steps", "2", "--save-dtype", dtype);
        using var wide = ModelFolder.Open(CheckpointOf("wide"));
        using var narrow = ModelFolder.Open(CheckpointOf("narrow"));
        Assert.Equal((WeightType.F32, type), (wide.StoredType, narrow.StoredType));
        Assert.Equal(("float32", dtype), (DtypeOf("wide"), DtypeOf("narrow")));
        using var trained = new WeightStore(wide);
        using var saved = new WeightStore(narrow);
        foreach (var tensor in trained.Tensors)
        {
            var expected = tensor.AsSpan().ToArray().Select(x => type == WeightType.F16 ? (float)(Half)x : ToBFloat16(x));
            Assert.Equal(expected, saved[tensor.Name].AsSpan().ToArray());
        }
    }

    [Theory]
    [InlineData("torch_dtype")]
    [InlineData("dtype")]
    public void A_base_of_16_bits_leaves_checkpoints_that_say_float32_and_a_run_that_knows_its_base(string spelling)
    {
        SaveModelAs(WeightType.BF16, spelling);
        var data = trial.Write("data.jsonl", "{\"prompt\":\"a\",\"completion\":\"b\"}\n{\"prompt\":\"c\",\"completion\":\"d\"}\n");
        string[] sft = ["sft", "--model", trial.Model, "--data", data, "--out", trial.PathOf("run"), "--max-steps", "2",
            "--threads", $"{TrainingTrial.Threads}"];
        var run = TrainingTrial.Run(sft);
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        using (var checkpoint = ModelFolder.Open(CheckpointOf("run")))
        {
            Assert.Equal(WeightType.F32, checkpoint.StoredType);
        }

        Assert.Equal("float32", DtypeOf("run", spelling));
        var config = Path.Combine(trial.PathOf("run"), "config.yaml");
        Assert.Contains("base_dtype: \"bfloat16\"\n", File.ReadAllText(config), StringComparison.Ordinal);
        // A run of a program that did not write it is resumed all the same, and nothing is said of it.
        File.WriteAllText(config, File.ReadAllText(config).Replace("base_dtype: \"bfloat16\"\n", "", StringComparison.Ordinal));
        var resumed = TrainingTrial.Run([.. sft, "--resume"]);
        Assert.Equal(("", 0), (resumed.Error, resumed.ExitCode));
        Assert.DoesNotContain("resumed otherwise", resumed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resume_with_another_type_is_refused()
    {
        Train("run", "--max-steps", "2", "--save-dtype", "bfloat16");
        Refused(
            "the run was started with save_dtype \"bfloat16\", and this command has \"float16\".", 1,
            "--save-dtype", "float16", "--resume");
        Refused("the run was started with save_dtype \"bfloat16\", and this command has none.", 1, "--resume");
        Train("run", "--max-steps", "2", "--save-dtype", "bfloat16", "--resume");
    }

    [Fact]
    public void Another_name_is_a_fault_of_the_command_line() =>
        Refused("--save-dtype is int8; it must be one of float32, bfloat16, float16.", 2, "--save-dtype", "int8");

    [Fact]
    public void A_weight_that_float16_cannot_hold_is_named_before_anything_is_written()
    {
        var path = Path.Combine(trial.Model, "model.safetensors");
        SetFirst(path, "model.layers.1.mlp.up_proj.weight", 1e6f);
        var data = trial.Write("data.jsonl", "{\"prompt\":\"a\",\"completion\":\"b\"}\n{\"prompt\":\"c\",\"completion\":\"d\"}\n");
        var run = TrainingTrial.Run(
            "sft", "--model", trial.Model, "--data", data, "--out", trial.PathOf("run"), "--max-steps", "1", "--save-dtype", "float16",
            "--threads", $"{TrainingTrial.Threads}");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            "Tensor 'model.layers.1.mlp.up_proj.weight' holds 1000000, which float16 cannot hold. Choose bfloat16 or float32", run.Error,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(trial.PathOf("run")));
    }

    string Train(string run, params string[] more)
    {
        var trained = TrainingTrial.Run(trial.TrainArguments(run, more));
        Assert.Equal(("", 0), (trained.Error, trained.ExitCode));
        return trained.Output;
    }

    void Refused(string message, int exitCode, params string[] more)
    {
        var run = TrainingTrial.Run(trial.TrainArguments("run", ["--max-steps", "2", .. more]));
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    string CheckpointOf(string run) => Path.Combine(trial.PathOf(run), "checkpoints", "step-2");

    string? DtypeOf(string run, string spelling = "torch_dtype")
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(CheckpointOf(run), "config.json")));
        return config.RootElement.GetProperty(spelling).GetString();
    }

    unsafe void SaveModelAs(WeightType type, string spelling)
    {
        var config = Path.Combine(trial.Model, "config.json");
        File.WriteAllText(
            config, File.ReadAllText(config).Replace("{", $"{{\"{spelling}\":\"{type.ConfigName()}\",", StringComparison.Ordinal));
        var path = Path.Combine(trial.Model, "model.safetensors");
        using (var file = File.Create(path + ".new"))
        {
            using var model = ModelFolder.Open(trial.Model);
            SafetensorsWriter.Write(file, model.Parameters.Select(
                name => new TensorSource(name, WeightType.F32, model.Find(name)!.Shape, model.Address(name)) { SavedAs = type }));
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    static void SetFirst(string path, string tensor, float value)
    {
        long offset;
        using (var file = SafetensorsFile.Open(path))
        {
            offset = file.Tensors[tensor].Offset;
        }

        using var stream = File.OpenWrite(path);
        stream.Position = offset;
        stream.Write(BitConverter.GetBytes(value));
    }

    // By the definition, in double: bfloat16 has 8 significant bits.
    static float ToBFloat16(float value)
    {
        if (value == 0)
        {
            return value;
        }

        var unit = Math.Pow(2, Math.Floor(Math.Log2(Math.Abs((double)value))) - 7);
        return (float)(Math.Round(value / unit, MidpointRounding.ToEven) * unit);
    }
}
