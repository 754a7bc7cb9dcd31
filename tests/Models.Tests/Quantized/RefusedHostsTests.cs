using Google.Protobuf;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Models.Tests.Import;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>A host's model that is not read is refused with the node, what was found and how to export it.</summary>
public sealed class RefusedHostsTests : IDisposable
{
    const string Down = "/model/layers.1/mlp/down_proj/MatMul_Q4";
    const string DownWeight = "model.layers.1.mlp.down_proj.MatMul.weight";
    const string DownNode = $"model.onnx: node '{Down}' (MatMulNBits)";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("bits", 8, ": bits is 8, and matrices of 4 bits are read. Export every matrix of the layers in 4 bits, without mixed")]
    [InlineData("bits", 2, ": bits is 2, and")]
    [InlineData("block_size", 16, ": block_size is 16; expected a power of two from 32 to 4096. Export with block_size=32, or 128.")]
    [InlineData("block_size", 48, ": block_size is 48; expected")]
    [InlineData("block_size", 8192, ": block_size is 8192; expected")]
    [InlineData("block_size", 1L << 37, ": block_size is 137438953472; expected")]
    [InlineData("weight_prepacked", 1, ": weight_prepacked is 1: its codes lie as one kind of GPU reads them. Expected 0")]
    public void A_form_that_is_not_read_is_named(string attribute, long value, string expected) => Assert.Contains(
        DownNode + expected,
        Refused<NotSupportedException>(export => HostExport.Set(export.Node(Down), attribute, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("N", 79, ": N, K are [79, 72]; expected [80, 72], the shape of 'model.layers.1.mlp.down_proj.weight'. The file is of")]
    [InlineData("K", 71, ": N, K are [80, 71]; expected [80, 72]")]
    [InlineData("K", 0, ": K is 0; expected the size of a matrix. Export or fetch the model again.")]
    [InlineData("block_size", 64, $": its scales, '{DownWeight}_scales', are [80, 3]; expected [80, 2].")]
    public void Sizes_that_do_not_fit_are_told(string attribute, long value, string expected) => Assert.Contains(
        DownNode + expected,
        Refused<InvalidDataException>(export => HostExport.Set(export.Node(Down), attribute, value)), StringComparison.Ordinal);

    [Fact]
    public void An_order_of_groups_is_refused() => Assert.Contains(
        $"{DownNode}: it has a g_idx, 'groups', which puts columns into groups in another order. Expected blocks of consecutive columns.",
        Refused<NotSupportedException>(export => export.Node(Down).Input.Add(["", "groups"])), StringComparison.Ordinal);

    [Fact]
    public void A_bias_beside_the_product_is_no_part_of_its_matrix()
    {
        var export = HostedFolder.Export();
        export.Node(Down).Input.Add(["", "", "bias"]);
        using var hosted = HostedInt4.Read(export.Write(folder.File("model.onnx")), folder.Model());
        Assert.True(hosted.Matrices["model.layers.1.mlp.down_proj.weight"].ZeroPoints.IsEmpty);
    }

    [Fact]
    public void Zero_points_that_are_no_integers_are_refused() => Assert.Contains(
        $"{DownNode}: its zero points, 'zeros', are Float16; expected UInt8. Quantize the model with zero points that are integers.",
        Refused<NotSupportedException>(export =>
        {
            export.Tensor("zeros", ElementType.Float16, [80, 3], new byte[480]);
            export.Node(Down).Input.Add("zeros");
        }),
        StringComparison.Ordinal);

    [Fact]
    public void Numbers_that_the_file_does_not_hold_are_refused() => Assert.Contains(
        $"{DownNode}: its codes, '{DownWeight}_Q4', are no initializer. Expected numbers that the file holds.",
        Refused<NotSupportedException>(export => export.Model.Graph.Initializer.Remove(export.Initializer($"{DownWeight}_Q4"))),
        StringComparison.Ordinal);

    [Fact]
    public void A_scale_that_is_no_number_is_named() => Assert.Contains(
        $"{DownNode}: scale 1 of row 2 is NaN; expected a finite number.",
        Refused<InvalidDataException>(export =>
        {
            var tensor = export.Initializer($"{DownWeight}_scales");
            var bytes = tensor.RawData.ToByteArray();
            BitConverter.TryWriteBytes(bytes.AsSpan(7 * sizeof(float)), float.NaN);
            tensor.RawData = ByteString.CopyFrom(bytes);
        }),
        StringComparison.Ordinal);

    [Fact]
    public void The_first_weight_that_is_missing_is_named_with_what_is_there() => Assert.EndsWith(
        "model.onnx: no MatMulNBits node is of 'model.layers.1.mlp.down_proj.weight' [80, 72]; '/model/layers.1/mlp/down_proj/MatMul' "
            + "there is a MatMul. Of layer 1 the file has qkv_proj, o_proj, gate_proj, up_proj, and 9 in all, "
            + "'/model/layers.0/attn/qkv_proj/MatMul_Q4' the first. Export every matrix of the layers in int4, under its module's name.",
        Refused<InvalidDataException>(export =>
        {
            var node = export.Node(Down);
            (node.Name, node.OpType, node.Domain) = ("/model/layers.1/mlp/down_proj/MatMul", "MatMul", "");
        }),
        StringComparison.Ordinal);

    [Fact]
    public void Nodes_whose_names_tell_nothing_are_no_weights() => Assert.Contains(
        "no MatMulNBits node is of 'model.layers.0.self_attn.q_proj.weight' [64, 80]. Of layer 0 the file has none, and 10 in all, "
            + "'node_0' the first.",
        Refused<InvalidDataException>(export =>
        {
            foreach (var (node, i) in export.Model.Graph.Node.Select((n, i) => (n, i)))
            {
                (node.Name, node.Input[1]) = ($"node_{i}", $"weight_{i}");
            }
        }),
        StringComparison.Ordinal);

    [Fact]
    public void A_node_without_a_name_has_that_of_its_codes()
    {
        var export = HostedFolder.Export();
        export.Node(Down).Name = "";
        using var hosted = HostedInt4.Read(export.Write(folder.File("model.onnx")), folder.Model());
        Assert.Equal(14, hosted.Matrices.Count);
    }

    [Fact]
    public void Two_nodes_of_one_place_are_refused() => Assert.Contains(
        $"{DownNode} is of layer 1, down_proj, and so is '/model/layers.1/mlp/down_proj/MatMulNBits'. Expected one node for every matrix",
        Refused<InvalidDataException>(export =>
        {
            var twice = export.Node(Down).Clone();
            twice.Name = "/model/layers.1/mlp/down_proj/MatMulNBits";
            export.Model.Graph.Node.Insert(0, twice);
        }),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("/model/layers.2/mlp/down_proj/MatMul")]
    [InlineData("/model/vision/MatMul")]
    public void A_matrix_that_the_model_does_not_have_is_refused(string name) => Assert.Contains(
        $"node '{name}_Q4' (MatMulNBits) [80, 72] is of no weight that the model has: the file is of another model.",
        Refused<InvalidDataException>(export => export.Add(name, HostMatrix.Random(80, 72, 32, zeroPoints: false, seed: 1))),
        StringComparison.Ordinal);

    [Fact]
    public void Quantized_numbers_for_another_operator_are_refused() => Assert.Contains(
        "model.onnx has no node com.microsoft.MatMulNBits; it holds quantized numbers for DequantizeLinear, 'dequantize' the first. Export "
            + "in QOperator format (use_qdq=false).",
        Refused<NotSupportedException>(export =>
        {
            export.Model.Graph.Node.Clear();
            export.Model.Graph.Node.Add(new NodeProto { Name = "dequantize", OpType = "DequantizeLinear" });
        }),
        StringComparison.Ordinal);

    [Fact]
    public void A_model_of_floats_is_refused() => Assert.Contains(
        "model.onnx has no node com.microsoft.MatMulNBits: its matrices are not in int4, or in another operator's form. Export in int4",
        Refused<NotSupportedException>(export => export.Model.Graph.Node.Clear()), StringComparison.Ordinal);

    [Theory]
    [InlineData("/model/layers.0/attn/q_proj/lora_A/MatMul")]
    [InlineData("/model/layers.0/attn/q_proj/lora/Add")]
    public void An_adapter_beside_the_weights_is_refused(string name) => Assert.Contains(
        $"model.onnx holds an adapter beside its weights, such as '{name}'. Expected the base alone",
        Refused<NotSupportedException>(export => export.Model.Graph.Node.Add(new NodeProto { Name = name, OpType = "MatMul" })),
        StringComparison.Ordinal);

    [Fact]
    public void Matrices_of_different_forms_are_not_joined()
    {
        var export = HostedFolder.Export();
        var gate = export.Node("/model/layers.0/mlp/gate_proj/MatMul_Q4");
        export.Tensor("zeros", ElementType.UInt8, [72, 2], new byte[144]);
        gate.Input.Add("zeros");
        var error = Assert.Throws<NotSupportedException>(
            () => HostedInt4.Read(export.Write(folder.File("model.onnx")), folder.Model("phi3")));
        Assert.Contains(
            "gate_proj/MatMul_Q4' (MatMulNBits) is quantized as format=int4_zero_points block=32 scales=eight_bits quantizer=onnx, and "
                + "others that are rows of 'model.layers.0.mlp.gate_up_proj.weight' too as format=int4_symmetric block=32",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_of_another_models_sizes_are_not_joined()
    {
        var export = HostedFolder.Export();
        HostExport.Set(export.Node("/model/layers.0/mlp/gate_proj/MatMul_Q4"), "N", 71);
        var error = Assert.Throws<InvalidDataException>(
            () => HostedInt4.Read(export.Write(folder.File("model.onnx")), folder.Model("phi3")));
        Assert.Contains(
            "'/model/layers.0/mlp/gate_proj/MatMul_Q4' is [71, 80], '/model/layers.0/mlp/up_proj/MatMul_Q4' is [72, 80]; together expected "
                + "[144, 80], the shape of 'model.layers.0.mlp.gate_up_proj.weight'.",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_whose_matrices_lie_the_other_way_is_refused() => Assert.StartsWith(
        "MatMulNBits nodes cannot be assigned to a model of the family 'gpt2', whose weight 'transformer.h.0.attn.c_attn.weight' lies [in, "
            + "out]. Expected",
        Assert.Throws<NotSupportedException>(() => HostedInt4.Read(folder.Path, folder.Model("gpt2"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_foreign_model_without_module_paths_is_refused()
    {
        using var file = OnnxFile.Open(TextModel.Build(18, "t = Transpose(square) { perm = [1, 0] }\n y = MatMul(x, t)")
            .WithWeight("square").Write(folder.File("foreign.onnx")));
        var error = Assert.Throws<NotSupportedException>(() => HostedInt4.Read(folder.Path, OnnxDecoder.Read(file)));
        Assert.Contains("of the family 'onnx', whose weight 'square' names no module of a layer.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_model_is_refused() => Assert.Contains(
        "holds no .onnx file. Expected the folder that ONNX Runtime GenAI's model builder wrote",
        Assert.Throws<FileNotFoundException>(() => HostedInt4.Read(folder.Path, folder.Model())).Message, StringComparison.Ordinal);

    [Fact]
    public void Changed_bytes_are_refused_or_change_numbers_alone()
    {
        const int Seed = 31;
        var model = folder.Model();
        var whole = File.ReadAllBytes(HostedFolder.Export(zeroPoints: true).Write(folder.File("model.onnx")));
        var random = new Random(Seed);
        for (var i = 0; i < 200; i++)
        {
            var damaged = (byte[])whole.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                // Most changes among the nodes, with their names and attributes, which come first.
                damaged[random.Next(random.Next(4) == 0 ? damaged.Length : 2500)] = (byte)random.Next(256);
            }

            var path = folder.Write("model.onnx", damaged);
            var error = Record.Exception(() => HostedInt4.Read(path, model).Dispose());
            var expected = error is null or InvalidDataException or NotSupportedException or FileNotFoundException;
            Assert.True(expected, $"change {i} of seed {Seed}: {error}");
        }
    }

    string Refused<T>(Action<HostExport> change)
        where T : Exception
    {
        var export = HostedFolder.Export();
        change(export);
        return Assert.Throws<T>(() => HostedInt4.Read(export.Write(folder.File("model.onnx")), folder.Model())).Message;
    }
}

static class TextModels
{
    public static ModelProto WithWeight(this ModelProto model, string name)
    {
        model.Graph.Initializer.Add(TextModel.Weight(name, TextModel.Hidden, TextModel.Hidden));
        return model;
    }
}
