using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using OrtDpo.Adapters;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Artifacts.Tests.Checkpoints;
using OrtDpo.Safetensors;

namespace OrtDpo.Page.Tests.Code;

/// <summary>The files that the page reads and writes, against the readers and writers of this program and of .NET.</summary>
public sealed class FileTests
{
    static readonly OnDeviceCheckpoint Checkpoint = new(
        [SampleCheckpoint.Floats("model.a.weight", [2, 3], 1), SampleCheckpoint.Floats("слой.B", [1], 7)],
        [SampleCheckpoint.Floats("frozen", [4], 20), SampleCheckpoint.Floats("scalar", [], 5)])
    {
        Properties = new() { Strings = new Dictionary<string, string> { ["ortdpo.artifacts"] = "{\"лоss\": \"☃\"}" } },
    };

    [Fact]
    public void A_checkpoint_is_read_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("checkpoint");
        Checkpoint.Write(path);
        var found = PageModules.Ask("readCheckpoint", new { Path = path })[0];
        Check(Checkpoint.Trainable, found.GetProperty("trainable"));
        Check(Checkpoint.Frozen, found.GetProperty("frozen"));

        static void Check(IReadOnlyList<TensorSource> expected, JsonElement found)
        {
            foreach (var (tensor, read) in expected.Zip(found.EnumerateArray(), (a, b) => (a, b)))
            {
                Assert.Equal(tensor.Name, read.GetProperty("name").GetString());
                Assert.Equal(tensor.Shape, read.GetProperty("dims").Deserialize<long[]>()!);
                Assert.Equal(
                    MemoryMarshal.Cast<byte, float>(SampleCheckpoint.Read(tensor)).ToArray(),
                    read.GetProperty("data").Deserialize<float[]>()!);
            }
        }
    }

    [Fact]
    public void A_checkpoint_with_other_numbers_is_the_same_but_for_these()
    {
        using var folder = new TemporaryFolder();
        var (before, after) = (folder.File("before"), folder.File("after"));
        Checkpoint.Write(before);
        PageModules.Ask("writeCheckpoint", new
        {
            Path = before, Out = after,
            Values = new Dictionary<string, float[]> { ["model.a.weight"] = [9, 8, 7, 6, 5, 4], ["слой.B"] = [-3] },
        });
        using var read = OnDeviceCheckpoint.Open(after);
        var expected = Checkpoint with
        {
            Trainable = [SampleCheckpoint.Of("model.a.weight", WeightType.F32, [2, 3], Bytes(9, 8, 7, 6, 5, 4)),
                SampleCheckpoint.Of("слой.B", WeightType.F32, [1], Bytes(-3))],
        };
        Assert.Equal(SampleCheckpoint.Describe(expected), SampleCheckpoint.Describe(read.Contents));
    }

    [Fact]
    public void An_adapter_is_an_archive_that_unzips_to_PEFTs_files()
    {
        using var folder = new TemporaryFolder();
        var archive = folder.File("adapter.zip");
        PageModules.Ask("adapter", new
        {
            Out = archive,
            Manifest = new { Lora = new { PeftType = "LORA", R = 4, TargetModules = (string[])["q_proj"] } },
            Parameters = (object[])
            [
                new { Name = "model.q_proj.lora_B.weight", Dims = (int[])[3, 2], Data = (float[])[1, 2, 3, 4, 5, 6] },
                new { Name = "model.q_proj.lora_A.weight", Dims = (int[])[2, 1], Data = (float[])[0.5f, -0.25f] },
            ],
        });
        ZipFile.ExtractToDirectory(archive, folder.File("adapter"));
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.File("adapter"), LoraConfig.FileName)));
        Assert.Equal("LORA", config.RootElement.GetProperty("peft_type").GetString());
        Assert.Equal(JsonValueKind.Null, config.RootElement.GetProperty("base_model_name_or_path").ValueKind);
        using var adapter = AdapterFile.Open(folder.File("adapter"), WeightMapping.ReadOnly);
        Assert.Equal(["model.q_proj.lora_A.weight", "model.q_proj.lora_B.weight"], adapter.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([3, 2], adapter.Tensors["model.q_proj.lora_B.weight"].Shape);
        Assert.Equal([0.5f, -0.25f], Values(adapter, "model.q_proj.lora_A.weight"));
        Assert.Equal([1, 2, 3, 4, 5, 6], Values(adapter, "model.q_proj.lora_B.weight"));
    }

    static float[] Values(AdapterFile adapter, string name)
    {
        var values = new float[adapter.Tensors[name].ByteCount / sizeof(float)];
        Marshal.Copy(adapter.Address(name), values, 0, values.Length);
        return values;
    }

    static byte[] Bytes(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
