using System.Text.Json;
using OrtDpo.Adapters.Onnx;
using OrtDpo.Safetensors;

namespace OrtDpo.Adapters.Tests.Onnx;

public sealed class OnnxAdapterWriterTests : IDisposable
{
    // Microsoft's schema, as far as it is used, for flatc.
    const string Schema = """
        enum TensorDataType : int32 { UNDEFINED = 0, FLOAT = 1, FLOAT16 = 10, BFLOAT16 = 16 }
        table Parameter { name:string; dims:[int64]; data_type:TensorDataType; raw_data:[uint8] (force_align : 8); }
        table Adapter { format_version:int; adapter_version:int; model_version:int; parameters:[Parameter]; }
        root_type Adapter;
        file_identifier "TORT";
        """;

    // Tensors of every type, of no element, of rank 0, with a name in three alphabets.
    static readonly OnnxAdapterTensor[] Tensors =
    [
        new("model.layers.0.self_attn.q_proj.lora_A.weight", WeightType.F32, [3, 1], Counted(12)),
        new("model.layers.0.self_attn.q_proj.lora_B.weight", WeightType.F16, [1, 5], Counted(10)),
        new("a", WeightType.BF16, [2, 2], Counted(8)),
        new("слой.層", WeightType.F32, [4, 0], []),
        new("", WeightType.F16, [], Counted(2)),
    ];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back()
    {
        var path = Write(new(Tensors) { AdapterVersion = 7, ModelVersion = -3 });
        var read = OnnxAdapterReader.Read(path);
        Assert.Equal((7, -3), (read.AdapterVersion, read.ModelVersion));
        Assert.Equal(Tensors.Length, read.Tensors.Count);
        foreach (var (expected, found) in Tensors.Zip(read.Tensors))
        {
            Assert.Equal((expected.Name, expected.Type), (found.Name, found.Type));
            Assert.Equal(expected.Shape, found.Shape);
            Assert.Equal(expected.Data, found.Data);
        }
    }

    [Fact]
    public void Tensors_that_lie_far_apart_are_read_back()
    {
        // Tables share a list of places, which may be farther from them than 16 bits count.
        var far = Enumerable.Range(0, 3).Select(i => new OnnxAdapterTensor($"t{i}", WeightType.F16, [70000], Counted(140000))).ToArray();
        var read = OnnxAdapterReader.Read(Write(new(far)));
        Assert.All(far.Zip(read.Tensors), pair => Assert.Equal(pair.First.Data, pair.Second.Data));
    }

    [Fact]
    public void Flatc_reads_the_same()
    {
        ProgramRun run;
        var path = Write(new(Tensors) { AdapterVersion = 2, ModelVersion = 3 });
        var schema = folder.Write("adapter.fbs", Schema);
        try
        {
            run = ProgramRun.Of("flatc", ["--json", "--strict-json", "--raw-binary", "-o", folder.Path, schema, "--", path]);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no flatc (Debian's package flatbuffers-compiler).");
            return;
        }

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(File.ReadAllBytes(folder.File("written.json")));
        var root = json.RootElement;
        Assert.Equal((1, 2, 3), (Number(root, "format_version"), Number(root, "adapter_version"), Number(root, "model_version")));
        var parameters = root.GetProperty("parameters").EnumerateArray().ToList();
        Assert.Equal(Tensors.Length, parameters.Count);
        foreach (var (expected, found) in Tensors.Zip(parameters))
        {
            Assert.Equal(expected.Name, found.GetProperty("name").GetString());
            var type = expected.Type switch { WeightType.F32 => "FLOAT", WeightType.F16 => "FLOAT16", _ => "BFLOAT16" };
            Assert.Equal(type, found.GetProperty("data_type").GetString());
            Assert.Equal(expected.Shape, found.GetProperty("dims").EnumerateArray().Select(d => d.GetInt64()));
            Assert.Equal(expected.Data, found.GetProperty("raw_data").EnumerateArray().Select(d => d.GetByte()));
        }
    }

    [Fact]
    public void Numbers_begin_at_multiples_of_64_bytes()
    {
        byte[][] markers = [[0xA1, 0xB2, 0xC3, 0xD4], [0xE5, 0xF6, 0x17, 0x28], [0x39, 0x4A, 0x5B, 0x6C]];
        var path = Write(new([.. markers.Select((data, i) => new OnnxAdapterTensor(new string('n', i), WeightType.F32, [1], data))]));
        var bytes = File.ReadAllBytes(path);
        Assert.All(markers, marker => Assert.Equal(0, bytes.AsSpan().IndexOf(marker) % 64));
    }

    [Fact]
    public void More_than_2_GB_is_refused()
    {
        // One array of zeros for all: none of it is written.
        var data = new byte[1 << 28];
        var tensors = Enumerable.Range(0, 8).Select(i => new OnnxAdapterTensor($"t{i}", WeightType.F32, [1 << 26], data));
        var refused = Assert.Throws<NotSupportedException>(() => OnnxAdapterWriter.Write(Stream.Null, new([.. tensors])));
        Assert.Equal(
            "The adapter takes 2147486032 bytes, and an .onnx_adapter file ends at 2147483591. Choose 16 bits for its numbers (`Dtype`), "
            + "or merge it into its base.", refused.Message);
    }

    [Fact]
    public void Two_tensors_of_one_name_are_refused() => Refused(
        "Two tensors are called 'x'.", new("x", WeightType.F32, [1], new byte[4]), new("x", WeightType.F16, [1], new byte[2]));

    [Fact]
    public void Data_of_another_shape_is_refused() =>
        Refused("Tensor 'x' [2, 3] holds 20 bytes; expected 24.", new OnnxAdapterTensor("x", WeightType.F32, [2, 3], new byte[20]));

    [Fact]
    public void Whole_numbers_are_refused() => Refused(
        "The numbers of an adapter are I64; expected F32, F16 or BF16.", new OnnxAdapterTensor("x", WeightType.I64, [1], new byte[8]));

    static void Refused(string sentence, params OnnxAdapterTensor[] tensors)
    {
        var refused = Assert.Throws<ArgumentException>(() => OnnxAdapterWriter.Write(Stream.Null, new(tensors)));
        Assert.StartsWith(sentence, refused.Message, StringComparison.Ordinal);
    }

    static byte[] Counted(int count) => [.. Enumerable.Range(1, count).Select(i => (byte)(37 * i))];

    static int Number(JsonElement root, string field) => root.GetProperty(field).GetInt32();

    string Write(OnnxAdapter adapter)
    {
        var path = folder.File("written.onnx_adapter");
        using var file = File.Create(path);
        OnnxAdapterWriter.Write(file, adapter);
        return path;
    }
}
