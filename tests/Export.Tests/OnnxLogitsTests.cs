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
