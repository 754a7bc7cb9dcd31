using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests;

/// <summary>What is in an exported folder, and what the comparison with the policy sees.</summary>
[Trait("Speed", "native")]
public sealed class OnnxExportTests : IDisposable
{
    const int Threads = 2;

    static readonly Example Pair = Example.Pair([1, 5, 9, 2, 30, 7], [8, 3, 3, 12], [6, 11]);

    readonly TemporaryFolder folder = new();

    static OnnxExportTests() => OrtProcess.Start(Threads);

    public OnnxExportTests() => RandomFamily.Write("mistral", folder);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Inputs_and_outputs_are_those_that_hosts_look_for()
    {
        using var session = new InferenceSession(Path.Combine(Export(), "model.onnx"));
        string[] parts = ["key", "value"];
        string[] layers = [.. Enumerable.Range(0, 2).SelectMany(layer => parts.Select(part => $"{layer}.{part}"))];
        Assert.Equal(
            ["input_ids", "attention_mask", "position_ids", .. layers.Select(part => $"past_key_values.{part}")], session.InputNames);
        Assert.Equal(["logits", .. layers.Select(part => $"present.{part}")], session.OutputNames);
        Check(session.InputMetadata["input_ids"], typeof(long), "batch_size", "sequence_length");
        Check(session.InputMetadata["position_ids"], typeof(long), "batch_size", "sequence_length");
        Check(session.InputMetadata["attention_mask"], typeof(long), "batch_size", "total_sequence_length");
        Check(session.InputMetadata["past_key_values.1.value"], typeof(float), "batch_size", "2", "past_sequence_length", "16");
        Check(session.OutputMetadata["present.1.key"], typeof(float), "batch_size", "2", "total_sequence_length", "16");
        Check(session.OutputMetadata["logits"], typeof(float), "batch_size", "sequence_length", "40");

        static void Check(NodeMetadata found, Type type, params string[] shape)
        {
            Assert.Equal(type, found.ElementType);
            Assert.Equal(shape, found.Dimensions.Zip(found.SymbolicDimensions, (size, name) => size < 0 ? name : $"{size}"));
        }
    }

    [Fact]
    public void The_file_says_what_it_was_made_from()
    {
        var digests = new Dictionary<string, string> { ["base_digest"] = "ab", ["checkpoint_digest"] = "cd" };
        using var session = new InferenceSession(Path.Combine(Export(new() { Digests = digests }), "model.onnx"));
        Assert.Equal("OrtDpo", session.ModelMetadata.ProducerName);
        Assert.Equal(
            [("ortdpo.base_digest", "ab"), ("ortdpo.checkpoint_digest", "cd"), ("ortdpo.dtype", "float32"), ("ortdpo.family", "mistral")],
            session.ModelMetadata.CustomMetadataMap.Select(entry => (entry.Key, entry.Value)).Order());
        var file = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder.Path, "export", "model.onnx")));
        Assert.Matches(@"^\d+\.\d+\.\d+", file.ProducerVersion);
    }

    [Fact]
    public void Weights_lie_beside_the_model_where_that_is_asked_for()
    {
        var whole = Export();
        Assert.False(File.Exists(Path.Combine(whole, "model.onnx.data")));
        var parted = Export(new() { ExternalData = true }, "parted");
        Assert.True(File.Exists(Path.Combine(parted, "model.onnx.data")));
        using var one = new OnnxLogits(Path.Combine(whole, "model.onnx"));
        using var other = new OnnxLogits(Path.Combine(parted, "model.onnx"));
        long[] ids = [4, 8, 15, 16, 23];
        Assert.Equal(one.All(ids), other.All(ids));
    }

    [Fact]
    public void An_onnx_model_keeps_its_attention()
    {
        var foreign = Repository.Find("tests", "golden", "foreign-onnx", "chain-gpt2-opset16");
        var refused = Assert.Throws<NotSupportedException>(() => OnnxExport.Run(
            foreign, folder.File("foreign"), [Pair], Threads, WeightType.F32, 16, options: new() { Attention = AttentionForm.Plain }));
        Assert.Equal(
            $"`Attention` is plain: {foreign} is an ONNX model, which keeps its graph. Leave it out.", refused.Message);
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Fact]
    public void Grouped_attention_is_refused_for_heads_that_its_kernel_does_not_take()
    {
        // 16 features in 4 heads.
        var refused = Assert.Throws<NotSupportedException>(() => OnnxExport.Run(
            Repository.Find("tests", "golden", "families", "llama"), folder.File("narrow"), [Pair], Threads, WeightType.F32, 24,
            options: new() { Attention = AttentionForm.Grouped }));
        Assert.Equal(
            "`Attention` is grouped, which takes heads of a multiple of 8 features; those of this llama have 4. "
            + "Leave it out: plain takes any.",
            refused.Message);
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Theory]
    [InlineData("llama", 16, true)]
    [InlineData("qwen3", 16, true)]
    // A part of each head.
    [InlineData("phi3", 16, false)]
    // Of 8 features.
    [InlineData("llama", 8, false)]
    public void Grouped_attention_has_the_rotary_positions_that_its_kernel_computes(string family, int headSize, bool isInside)
    {
        using var folder = new TemporaryFolder();
        RandomFamily.Write(family, folder, headSize: headSize);
        var report = OnnxExport.Run(
            folder.Path, folder.File("export"), [Pair], Threads, WeightType.F32, RandomFamily.Positions,
            options: new() { Attention = AttentionForm.Grouped });
        Assert.True(report.Holds, report.Fault);
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder.File("export"), "model.onnx"))).Graph;
        Assert.Equal(!isInside, graph.Node.Any(node => node.OpType == "RotaryEmbedding"));
        Assert.All(
            graph.Node.Where(node => node.OpType == "GroupQueryAttention"),
            node => Assert.Equal(isInside ? 1 : 0, node.Attribute.Where(a => a.Name == "do_rotary").Sum(a => a.I)));
    }

    [Fact]
    public void A_tied_head_is_stored_once()
    {
        using var tied = new TemporaryFolder();
        RandomFamily.Write("qwen2", tied);
        OnnxExport.Run(tied.Path, tied.File("export"), [Pair], Threads, WeightType.F32, RandomFamily.Positions);
        var file = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(tied.File("export"), "model.onnx")));
        // 40 tokens of 64 features.
        Assert.Single(file.Graph.Initializer, tensor => tensor.RawData.Length == 4 * 40 * 64);
    }

    [Fact]
    public void An_export_can_be_a_policy_again()
    {
        using var policy = DecoderScorer.Load(folder.Path, Threads);
        using var exported = DecoderScorer.Load(Export(), Threads);
        AssertClose(Parity.TokenLogps(policy, Pair), Parity.TokenLogps(exported, Pair), Tolerances.GateToken);
    }

    [Fact]
    public void A_cache_of_another_layer_is_a_fault_that_only_decoding_shows()
    {
        var path = Path.Combine(Export(), "model.onnx");
        var file = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        foreach (var node in file.Graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i] switch
                {
                    "past_key_values.0.key" => "past_key_values.1.key",
                    "past_key_values.1.key" => "past_key_values.0.key",
                    var other => other,
                };
            }
        }

        var faulty = folder.File("faulty.onnx");
        File.WriteAllBytes(faulty, Google.Protobuf.MessageExtensions.ToByteArray(file));
        var whole = Measure(path);
        Assert.True(whole.Holds, whole.Fault);
        var found = Measure(faulty);
        AssertClose(whole.MaxDifference, found.MaxDifference, Tolerances.Float32);
        Assert.StartsWith("decoding with the cache differs from running all tokens by mean ", found.Fault, StringComparison.Ordinal);
        Assert.InRange(found.Cache!.MaxDifference, 0.1, 100);
        Assert.InRange(found.Cache.OtherTokens, 1, found.Cache.Tokens);
    }

    [Fact]
    public void Another_model_is_no_parity()
    {
        using var other = new TemporaryFolder();
        RandomFamily.Write("mistral", other, seed: 2);
        OnnxExport.Run(other.Path, other.File("export"), [Pair], Threads, WeightType.F32, RandomFamily.Positions);
        Assert.StartsWith("mean ", Measure(Path.Combine(other.File("export"), "model.onnx")).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Sums_of_small_differences_are_seen()
    {
        // Each token passes, and 40 of them together do not.
        var report = new ParityReport(1, 40, 9e-6, 1e-4, 0, Parity.MeanLimit, Parity.MaxLimit);
        Assert.True(report.Holds);
        Assert.Equal(
            "0.004 nats in the sum of a completion; expected at most 0.0014",
            (report with { Sequences = new SequenceParity(1, 0.004, 0.0014) }).Fault);
    }

    ParityReport Measure(string exported)
    {
        using var policy = DecoderScorer.Load(folder.Path, Threads);
        using var logits = new OnnxLogits(exported);
        return Parity.Measure(policy, logits, [Pair], RandomFamily.Positions);
    }

    string Export(ExportOptions? options = null, string name = "export")
    {
        var output = folder.File(name);
        OnnxExport.Run(folder.Path, output, [Pair], Threads, WeightType.F32, RandomFamily.Positions, options: options);
        return output;
    }
}
