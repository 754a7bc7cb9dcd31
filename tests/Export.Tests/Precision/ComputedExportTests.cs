using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Batches;
using OrtDpo.Export.Precision;
using OrtDpo.Export.Verification;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests.Precision;

/// <summary>Exports that compute in 16 bits.</summary>
[Trait("Speed", "native")]
public sealed class ComputedExportTests : IDisposable
{
    const int Threads = 2;

    // Random weights of this family, with norms of 1.5 to 2.5 before attention, amplify any rounding: float16 moves a token by 0.005 in
    // the mean, and two kinds of rounding after each node by as much.
    const string Amplifying = "gemma3";

    readonly TemporaryFolder folder = new();

    static ComputedExportTests() => OrtProcess.Start(Threads);

    public static TheoryData<string> Families => [.. RandomFamily.Names];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void Float16_is_within_its_limits_of_the_policy(string family)
    {
        var model = RandomFamily.Write(family, folder);
        if (family == Amplifying)
        {
            Assert.Matches(
                "^The exported model differs from the policy: mean 0.00.* expected at most 0.002 and 0.02. Nothing was exported. "
                    + "Leave `Compute` out.$",
                Assert.Throws<InvalidDataException>(() => Export(model, WeightType.F16)).Message);
            Assert.False(Directory.Exists(folder.File("F16-F16-Plain")));
            return;
        }

        var report = Export(model, WeightType.F16);
        Assert.Equal(new ComputedRun("float16", "run", null), report.Compute);
        Assert.Equal((2e-3, 2e-2), (report.MeanLimit, report.MaxLimit));
        // Of a graph that computed in float32 it would be 1e-6.
        Assert.InRange(report.MeanDifference, 2e-5, report.MeanLimit);
        Assert.Equal(64, report.Cache!.Tokens);
        using var session = new InferenceSession(Path.Combine(folder.File("F16-F16-Plain"), "model.onnx"));
        Assert.All(
            session.InputMetadata.Where(input => input.Key.StartsWith("past_", StringComparison.Ordinal)).Concat(session.OutputMetadata),
            port => Assert.Equal(typeof(Float16), port.Value.ElementType));
        Assert.Equal("float16", session.ModelMetadata.CustomMetadataMap["ortdpo.compute"]);
        Assert.Equal("float16", session.ModelMetadata.CustomMetadataMap["ortdpo.dtype"]);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Bfloat16_computes_with_its_numbers_what_the_policy_does(string family)
    {
        var model = RandomFamily.Write(family, folder);
        var report = Export(model, WeightType.BF16);
        Assert.Equal(("bfloat16", "not run"), (report.Compute!.Dtype, report.Compute.Status));
        Assert.StartsWith("ONNX Runtime has no processor kernels for bfloat16.", report.Compute.Reason, StringComparison.Ordinal);
        // Widened, it is a graph in float32.
        Assert.Equal((Parity.MeanLimit, Parity.MaxLimit), (report.MeanLimit, report.MaxLimit));
        Assert.True(report.Holds);
        Assert.Equal(
            ["config.json", "genai_config.json", "manifest.json", "model.onnx", "parity.json", "tokenizer.json", "tokenizer_config.json"],
            Directory.GetFileSystemEntries(folder.File("BF16-BF16-Plain")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_was_widened_is_not_of_the_export()
    {
        Export(RandomFamily.Write("llama", folder), WeightType.BF16, external: true);
        var found = ExportVerification.Of(folder.File("BF16-BF16-Plain"));
        Assert.True(found.Ok, string.Join(' ', found.Faults));
        Assert.Empty(found.Notes);
    }

    [Theory]
    [InlineData("llama", WeightType.F16, WeightType.F16)]
    [InlineData("gemma2", WeightType.F16, WeightType.F16)]
    [InlineData("gpt2", WeightType.F16, WeightType.BF16)]
    [InlineData("phi3", WeightType.BF16, WeightType.F32)]
    [InlineData("mistral", WeightType.BF16, WeightType.F16)]
    public void Grouped_attention_and_other_storage_combine_with_it(string family, WeightType compute, WeightType stored)
    {
        var model = RandomFamily.Write(family, folder);
        var report = Export(model, compute, stored, AttentionForm.Grouped);
        Assert.True(report.Holds);
        var file = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder.File($"{compute}-{stored}-Grouped"), "model.onnx")));
        var weights = file.Graph.Initializer.Where(tensor => tensor.Name.EndsWith(".weight", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(weights);
        Assert.All(weights, tensor => Assert.Equal(stored switch { WeightType.F16 => 10, WeightType.BF16 => 16, _ => 1 }, tensor.DataType));
        Assert.Contains(file.Graph.Node, node => node.OpType == "GroupQueryAttention");
    }

    [Fact]
    public void Weights_beside_the_model_are_widened_too()
    {
        var model = RandomFamily.Write("qwen2", folder);
        var report = Export(model, WeightType.BF16, external: true);
        Assert.True(report.Holds);
        Assert.Equal("not run", report.Compute!.Status);
        Assert.True(File.Exists(Path.Combine(folder.File("BF16-BF16-Plain"), "model.onnx.data")));
        Assert.False(Directory.Exists(Path.Combine(folder.File("BF16-BF16-Plain"), "widened")));
    }

    [Fact]
    public void Wrong_types_are_seen_by_ONNX_Runtime()
    {
        var model = RandomFamily.Write("llama", folder);
        Export(model, WeightType.BF16);
        var path = Path.Combine(folder.File("BF16-BF16-Plain"), "model.onnx");
        var file = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        // A product in bfloat16 reads what a norm made in float32.
        var cast = file.Graph.Node.First(node => node.OpType == "Cast" && node.Attribute.Any(a => a.Name == "to" && a.I == 16));
        foreach (var node in file.Graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i] == cast.Output[0] ? cast.Input[0] : node.Input[i];
            }
        }

        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(file));
        Assert.StartsWith(
            "ONNX Runtime refuses the exported model: ",
            Assert.Throws<InvalidDataException>(() => ExportedLogits.Open(path, WeightType.BF16)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_onnx_model_keeps_what_it_computes_in()
    {
        var foreign = Repository.Find("tests", "golden", "foreign-onnx", "chain-gpt2-opset16");
        Assert.Equal(
            $"`Compute` is float16: {foreign} is an ONNX model, which keeps its graph. Leave it out.",
            Assert.Throws<NotSupportedException>(() => OnnxExport.Run(
                foreign, folder.File("foreign"), [Example.Pair([1, 2], [3], [4])], Threads, WeightType.F16, 16,
                options: new() { Compute = WeightType.F16 })).Message);
    }

    [Fact]
    public void Genai_asks_for_cuda_where_no_processor_has_the_kernels()
    {
        var model = RandomFamily.Write("llama", folder);
        Assert.Contains("\"cuda\": {}", Config(WeightType.BF16), StringComparison.Ordinal);
        Assert.Contains("\"provider_options\": []", Config(WeightType.F16), StringComparison.Ordinal);

        string Config(WeightType compute) => GenAiConfig.Of(model, Tokenizers.ModelTokenizer.Load(folder.Path), folder.Path, compute);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma2")]
    public void Padded_batches_get_the_numbers_of_the_training_graph(string family)
    {
        var model = RandomFamily.Write(family, folder);
        Export(model, WeightType.F16);
        using var training = new TrainingForward(model, folder.Path);
        using var host = new PaddedHost(Path.Combine(folder.File("F16-F16-Plain"), "model.onnx"));
        var vocabulary = model.Sizes.VocabSize;
        int[][] prompts = [.. new[] { 3, 12, 1 }.Select((length, row) => Ids(length, vocabulary, row))];
        foreach (var padding in Enum.GetValues<Padding>())
        {
            var differences = new List<double>();
            foreach (var (prompt, made) in prompts.Zip(host.Continue(prompts, 24, padding)))
            {
                var logits = training.Logits([.. prompt.Select(id => (long)id), .. made.Tokens[..^1]]);
                differences.AddRange(made.Tokens.Zip(made.Logps).Select((token, i) => Math.Abs(token.Second - LogSoftmax.At(
                    logits.AsSpan((prompt.Length + i - 1) * vocabulary, vocabulary), (int)token.First))));
            }

            // Weights and graph are rounded: two independent errors of the limit's size.
            Assert.InRange(differences.Average(), 1e-5, 2 * ParityLimits.Of(WeightType.F16, WeightType.F16).Mean);
            Assert.InRange(differences.Max(), 0, 2 * ParityLimits.Of(WeightType.F16, WeightType.F16).Max);
        }
    }

    ParityReport Export(
        DecoderModel model, WeightType compute, WeightType? stored = null, AttentionForm form = AttentionForm.Plain, bool external = false)
    {
        var (vocabulary, type) = (model.Sizes.VocabSize, stored ?? compute);
        List<Example> pairs =
        [
            .. Enumerable.Range(0, 2).Select(i => Example.Pair(
                Ids(9, vocabulary, i * 3), Ids(40, vocabulary, (i * 3) + 1), Ids(30, vocabulary, (i * 3) + 2))),
        ];
        return OnnxExport.Run(
            folder.Path, folder.File($"{compute}-{type}-{form}"), pairs, Threads, type, RandomFamily.Positions,
            options: new()
            {
                Compute = compute, Attention = form, ExternalData = external,
                // What rounding does to random weights is another matter.
                Limits = ParityLimits.Of(type, compute) with { PolicyMean = double.MaxValue, PolicyMax = double.MaxValue, Changed = 1 },
            });
    }

    static int[] Ids(int count, int vocabulary, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }
}
