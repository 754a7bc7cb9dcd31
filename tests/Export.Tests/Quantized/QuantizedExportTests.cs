using OrtDpo.Autodiff.Onnx;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Quantized;
using OrtDpo.Quantization;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests.Quantized;

/// <summary>Exports whose layers multiply by quantised weights.</summary>
[Trait("Speed", "native")]
public sealed class QuantizedExportTests : IDisposable
{
    const int Threads = 2;

    static readonly Example[] Pairs =
    [
        Example.Pair([1, 5, 9, 2, 30, 7], [8, 3, 3, 12], [6, 11]),
        Example.Pair([4, 17], [9, 1, 25, 31, 14, 2, 2, 7], [3, 3, 19]),
    ];

    readonly TemporaryFolder folder = new();

    static QuantizedExportTests() => OrtProcess.Start(Threads);

    /// <summary>Every form and every kind of layer; all families in int4, to the same limits, are run in GenAI.</summary>
    public static TheoryData<string, string> Forms =>
    [
        ("gemma2", "int8"), ("gemma3", "nf4"), ("gpt2", "int8"), ("gpt2", "nf4"), ("llama", "int4"), ("phi3", "nf4"), ("qwen3", "int8"),
        ("olmo2", "nf4"),
    ];

    public static TheoryData<string, string> Held =>
        [("gpt2", "int4"), ("gpt2", "nf4"), ("llama", "nf4"), ("phi3", "int4-128"), ("gemma3", "nf4"), ("qwen2", "int4")];

    /// <summary>Those whose matrices lie [out, in], as hosts have them.</summary>
    public static TheoryData<string> Placed => ["llama", "phi3", "gemma3", "olmo2", "qwen3"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public void The_layers_multiply_by_what_is_stored_and_the_rest_is_floats(string family, string form)
    {
        var model = RandomFamily.Write(family, folder);
        var report = Export(folder.Path, StoredDtype.Named(form) with { Floats = WeightType.F32 });
        Assert.True(report.Holds, report.Fault);
        // The rounding of a few bits, and not of none.
        Assert.InRange(report.Rounding!.MeanDifference, 1e-3, 2);

        var file = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Model));
        Assert.Equal(form, file.MetadataProps.Single(entry => entry.Key == "ortdpo.dtype").Value);
        var products = file.Graph.Node.Where(node => node.OpType is "MatMulNBits" or "MatMulBnb4").ToList();
        Assert.Equal(AdaptedModel.ProductsOf(model).Count, products.Count);
        // What each reads behind its activations is constant, which is what its fast kernels are for.
        var constants = file.Graph.Initializer.ToDictionary(tensor => tensor.Name);
        Assert.All(products, node => Assert.All(node.Input.Skip(1), name => Assert.Contains(name, constants.Keys)));
        var parts = products.SelectMany(node => node.Input.Skip(1)).ToHashSet();
        Assert.Equal(
            model.Parameters.Select(p => p.Name).Except(AdaptedModel.ProductsOf(model).Select(p => p.Weight)).Order(),
            file.Graph.Initializer.Select(tensor => tensor.Name)
                .Where(name => !parts.Contains(name) && model.Parameters.Any(p => p.Name == name)).Order());
        Assert.DoesNotContain(constants.Keys, name => AdaptedModel.ProductsOf(model).Any(p => p.Weight == name));
    }

    [Theory]
    [MemberData(nameof(Placed))]
    public void An_int4_export_is_a_base_with_the_very_matrices(string family)
    {
        var model = RandomFamily.Write(family, folder);
        Export(folder.Path, StoredDtype.Named("int4") with { Floats = WeightType.F32 });
        using var expected = ModelFolder.Open(folder.Path, adapter: null, WeightMapping.ReadOnly, new BaseWeights("int4"));
        using var found = ModelFolder.Open(folder.Path, adapter: null, WeightMapping.ReadOnly, new BaseWeights(Model));
        Assert.Equal(AdaptedModel.ProductsOf(model).Count, found.Quantized!.Weights.Count);
        Assert.All(found.Quantized.Weights.Values, weight => AssertSame(expected.Quantized!.Find(weight.Name)!.Matrix, weight.Matrix));
    }

    [Theory]
    [MemberData(nameof(Held))]
    public void What_was_trained_on_4_bits_comes_out_with_its_bytes_and_its_numbers(string family, string form)
    {
        var model = RandomFamily.Write(family, folder);
        var adapter = PeftAdapter.Write(folder, folder.Path, model);
        var report = Export(adapter, StoredDtype.AsHeld, new BaseWeights(form));
        Assert.Null(report.Rounding);
        Assert.True(report.Holds, report.Fault);
        Assert.InRange(report.MaxDifference, 0, 1e-4);

        using var trained = ModelFolder.Open(folder.Path, adapter: null, WeightMapping.ReadOnly, new BaseWeights(form));
        var tensors = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Model)).Graph.Initializer.ToDictionary(tensor => tensor.Name);
        Assert.All(trained.Quantized!.Weights.Values, weight =>
        {
            var parts = QuantizedParts.Of(weight.Name, weight.Matrix).Parts;
            Assert.All(parts, part => Assert.Equal(part.Bytes.ToArray(), tensors[part.Name].RawData.ToByteArray()));
        });
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Fast_int4_says_so_in_every_product_and_has_limits_of_its_own(string family)
    {
        var model = RandomFamily.Write(family, folder);
        var report = OnnxExport.Run(
            folder.Path, folder.File("export"), Pairs, Threads,
            StoredDtype.Named("int4") with { Floats = WeightType.F32, IsFast = true }, RandomFamily.Positions);
        Assert.True(report.Holds, report.Fault);
        Assert.Equal("fast-int4", report.Rounding!.Dtype);
        // What is multiplied is rounded to 8 bits.
        Assert.InRange(report.MeanDifference, 1e-4, report.MeanLimit);
        var file = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Model));
        var products = file.Graph.Node.Where(node => node.OpType == "MatMulNBits").ToList();
        Assert.Equal(AdaptedModel.ProductsOf(model).Count, products.Count);
        Assert.All(products, node => Assert.Equal((4, 128), (Int(node, "accuracy_level"), Int(node, "block_size"))));

        static long Int(NodeProto node, string name) => node.Attribute.Single(attribute => attribute.Name == name).I;
    }

    /// <summary>Tied heads, one of them behind a scaled embedding, and one of its own.</summary>
    [Theory]
    [InlineData("qwen2", "int4", 1)]
    [InlineData("gemma2", "int8", 1)]
    [InlineData("gpt2", "int4", 1)]
    [InlineData("mistral", "int4", 2)]
    public void Embedding_and_head_are_quantised_on_request_and_the_same_bytes_where_they_are_one(string family, string form, int matrices)
    {
        var model = RandomFamily.Write(family, folder);
        var report = Export(
            folder.Path, StoredDtype.Named(form) with { Floats = WeightType.F32, QuantizesHead = true });
        Assert.True(report.Holds, report.Fault);
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Model)).Graph;
        var lookup = Assert.Single(graph.Node, node => node.OpType == "GatherBlockQuantized");
        var head = graph.Node.Last(node => node.OpType == "MatMulNBits");
        Assert.Equal(matrices == 1, lookup.Input[0] == head.Input[1]);
        var (vocabulary, hidden) = (model.Sizes.VocabSize, model.Sizes.HiddenSize);
        var codes = vocabulary * hidden / (form == "int4" ? 2 : 1);
        Assert.Equal(
            matrices,
            graph.Initializer.Count(tensor => tensor.Dims.FirstOrDefault() == vocabulary && tensor.RawData.Length == codes));
        Assert.DoesNotContain(graph.Initializer, tensor => tensor.RawData.Length == sizeof(float) * vocabulary * hidden);
    }

    [Fact]
    public void A_head_is_quantised_beside_a_base_that_keeps_its_bytes()
    {
        var model = RandomFamily.Write("qwen2", folder);
        var adapter = PeftAdapter.Write(folder, folder.Path, model);
        var report = OnnxExport.Run(
            adapter, folder.File("export"), Pairs, Threads, StoredDtype.AsHeld with { QuantizesHead = true }, RandomFamily.Positions,
            options: RandomFamily.Unlimited, weights: new BaseWeights("int4"));
        Assert.InRange(report.Rounding!.MeanDifference, 1e-4, 2);
        using var trained = ModelFolder.Open(folder.Path, adapter: null, WeightMapping.ReadOnly, new BaseWeights("int4"));
        var tensors = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Model)).Graph.Initializer.ToDictionary(tensor => tensor.Name);
        Assert.All(trained.Quantized!.Weights.Values, weight =>
            Assert.Equal(weight.Matrix.Codes.ToArray(), tensors[$"{weight.Name}.codes"].RawData.ToByteArray()));
        Assert.DoesNotContain("model.embed_tokens.weight", tensors.Keys);
    }

    [Fact]
    public void What_is_not_quantised_keeps_its_own_type()
    {
        var model = RandomFamily.Write("qwen2", folder);
        using (var narrow = ModelFolder.Open(folder.Path))
        {
            StoredAs.Put(narrow, WeightType.BF16);
            Rewrite(narrow);
        }

        Export(PeftAdapter.Write(folder, folder.Path, model), StoredDtype.AsHeld, new BaseWeights("nf4"));
        var tensors = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Model)).Graph.Initializer.ToDictionary(tensor => tensor.Name);
        const int Float = 1, BFloat16 = 16;
        Assert.Equal(BFloat16, tensors["model.embed_tokens.weight"].DataType);
        Assert.Equal(BFloat16, tensors["model.layers.1.input_layernorm.weight"].DataType);
        Assert.Equal(Float, tensors["model.layers.1.mlp.up_proj.lora_A.weight"].DataType);
    }

    [Fact]
    public void An_onnx_model_keeps_its_products()
    {
        var foreign = Repository.Find("tests", "golden", "foreign-onnx", "chain-gpt2-opset16");
        var refused = Assert.Throws<NotSupportedException>(() => Export(foreign, StoredDtype.Named("int4")));
        Assert.Equal(
            $"{foreign} is an ONNX model, which keeps its graph: its weights are stored as float32, bfloat16 or float16 (`Dtype`), and not "
            + "as int4.",
            refused.Message);
        Assert.False(Path.Exists(folder.File("export")));
    }

    string Model => Path.Combine(folder.File("export"), "model.onnx");

    ParityReport Export(string model, StoredDtype dtype, BaseWeights? weights = null) => OnnxExport.Run(
        model, folder.File("export"), Pairs, Threads, dtype, RandomFamily.Positions,
        options: dtype.IsAsHeld ? null : RandomFamily.Unlimited, weights: weights);

    void Rewrite(ModelFolder narrow)
    {
        using var file = File.Create(folder.File("narrow"));
        SafetensorsWriter.Write(file, narrow.Parameters.Select(
            name => new TensorSource(name, narrow.Find(name)!.Type, narrow.Find(name)!.Shape, narrow.Address(name))));
        file.Dispose();
        File.Move(folder.File("narrow"), folder.File("model.safetensors"), overwrite: true);
    }

    static void AssertSame(QuantizedMatrix expected, QuantizedMatrix found)
    {
        Assert.Equal((expected.Rows, expected.Columns), (found.Rows, found.Columns));
        Assert.Equal((expected.Form.Format, expected.Form.Block), (found.Form.Format, found.Form.Block));
        Assert.Equal(expected.Codes.ToArray(), found.Codes.ToArray());
        Assert.Equal(expected.ScaleBytes.ToArray(), found.ScaleBytes.ToArray());
        Assert.Equal(expected.ZeroPoints.ToArray(), found.ZeroPoints.ToArray());
    }
}
