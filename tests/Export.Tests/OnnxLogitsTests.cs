using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Batches;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests;

/// <summary>Logits by a cache, whatever is asked for after what.</summary>
[Trait("Speed", "native")]
public sealed class OnnxLogitsTests
{
    const int Threads = 2;

    static OnnxLogitsTests() => OrtProcess.Start(Threads);

    [Fact]
    public void Logits_do_not_depend_on_what_the_cache_holds()
    {
        using var folder = new TemporaryFolder();
        RandomFamily.Write("gemma2", folder);
        OnnxExport.Run(
            folder.Path, folder.File("export"), [Example.Pair([1, 2], [3], [4])], Threads, WeightType.F32, RandomFamily.Positions);
        CheckAll(Path.Combine(folder.File("export"), "model.onnx"), hasCache: true, tokens: 40);
    }

    [Theory]
    [InlineData("llama-opset17-pasts", true)]
    [InlineData("chain-llama-opset15-pasts", true)]
    [InlineData("gpt2-opset14", false)]
    public void Models_of_other_exporters_are_decoded_likewise(string name, bool hasCache) =>
        CheckAll(Repository.Find("tests", "golden", "foreign-onnx", name, "model.onnx"), hasCache, tokens: 16);

    [Fact]
    public void A_model_without_a_cache_runs_all_tokens() =>
        CheckAll(Repository.Find("tests", "fixtures", "first-slice", "export", "model.onnx"), hasCache: false, tokens: 40);

    [Theory]
    [InlineData(DataType.Float16)]
    [InlineData(DataType.BFloat16)]
    [InlineData(DataType.Float32)]
    public void Logits_of_any_type_are_read(DataType type)
    {
        using var folder = new TemporaryFolder();
        using var logits = new OnnxLogits(LookUp(folder, type));
        // Numbers of all three types.
        Assert.Equal([-2.5f, 3, 0.375f, 1, 0.5f, -1], logits.All([1, 0]));
        Assert.Equal([1, 0.5f, -1], logits.Next([1, 0]));
    }

    [Fact]
    public void Logits_of_64_bits_are_refused()
    {
        using var folder = new TemporaryFolder();
        var path = LookUp(folder, DataType.Float64);
        Assert.Equal(
            $"{path} gives logits as Double; expected float32, float16 or bfloat16.",
            Assert.Throws<InvalidDataException>(() => new OnnxLogits(path)).Message);
    }

    // A model whose logits are lines of a table.
    static string LookUp(TemporaryFolder folder, DataType type)
    {
        var b = new GraphBuilder("lookup");
        var table = b.Constant(new float[] { 1, 0.5f, -1, -2.5f, 3, 0.375f }, DataType.Float32, new Shape(2, 3));
        var ids = b.Input("input_ids", DataType.Int64, new Shape("B", "S"));
        var path = folder.File("model.onnx");
        var row = b.Gather(table, ids);
        var logits = type == DataType.Float32 ? b.Mul(row, b.Scalar(1, type)) : b.Cast(row, type);
        OnnxModelWriter.Write(path, b.Build([("logits", logits)]), []);
        return path;
    }

    static void CheckAll(string path, bool hasCache, int tokens)
    {
        using var logits = new OnnxLogits(path);
        Assert.Equal(hasCache, logits.HasCache);
        var random = new Random(3);
        long[] text = [.. Enumerable.Range(0, 20).Select(_ => (long)random.Next(tokens))];
        long[] other = [.. text];
        other[3] = (other[3] + 1) % tokens;
        // Longer, the same again, shorter, another beginning, one token, longer by several.
        foreach (var ids in (long[][])[text[..5], text[..6], text[..6], text[..4], other[..7], other[..8], text[..1], text[..9], text])
        {
            var all = logits.All(ids);
            AssertClose(all.AsSpan()[^(all.Length / ids.Length)..], logits.Next(ids), Tolerances.Float32Graph);
        }
    }
}
