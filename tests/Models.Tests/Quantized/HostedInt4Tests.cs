using System.Runtime.InteropServices;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Families;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Quantization;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>Matrices of a host's model are those of its nodes, number by number, under the names of the weights.</summary>
public sealed class HostedInt4Tests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Families => [.. ModelFamilies.Names.Except(["gpt2"])];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true, false, nameof(ElementType.Float), false, true)]
    [InlineData(true, true, nameof(ElementType.Float16), false, true)]
    [InlineData(true, true, nameof(ElementType.BFloat16), true, false)]
    [InlineData(false, false, nameof(ElementType.Float16), true, true)]
    [InlineData(false, true, nameof(ElementType.Float), false, false)]
    [InlineData(false, true, nameof(ElementType.Float), true, true)]
    public void Numbers_are_those_of_the_nodes(bool fused, bool zeroPoints, string scales, bool flat, bool external)
    {
        var export = HostedFolder.Export(fused, zeroPoints, Enum.Parse<ElementType>(scales), flat);
        export.Write(folder.File("model.onnx"), external);
        using var hosted = HostedInt4.Read(folder.Path, folder.Model());

        Assert.Equal(14, hosted.Matrices.Count);
        Assert.Empty(hosted.Notes);
        for (var layer = 0; layer < 2; layer++)
        {
            var attention = fused
                ? Numbers(layer, "attn/qkv_proj")
                : (float[])[.. Numbers(layer, "attn/q_proj"), .. Numbers(layer, "attn/k_proj"), .. Numbers(layer, "attn/v_proj")];
            Assert.Equal(attention, (float[])[.. Read(layer, "self_attn.q_proj", HostedFolder.Queries, HostedFolder.Hidden),
                .. Read(layer, "self_attn.k_proj", HostedFolder.Keys, HostedFolder.Hidden),
                .. Read(layer, "self_attn.v_proj", HostedFolder.Keys, HostedFolder.Hidden)]);
            Assert.Equal(Numbers(layer, "attn/o_proj"), Read(layer, "self_attn.o_proj", HostedFolder.Hidden, HostedFolder.Queries));
            Assert.Equal(Numbers(layer, "mlp/gate_proj"), Read(layer, "mlp.gate_proj", HostedFolder.Inner, HostedFolder.Hidden));
            Assert.Equal(Numbers(layer, "mlp/up_proj"), Read(layer, "mlp.up_proj", HostedFolder.Inner, HostedFolder.Hidden));
            Assert.Equal(Numbers(layer, "mlp/down_proj"), Read(layer, "mlp.down_proj", HostedFolder.Hidden, HostedFolder.Inner));
        }

        float[] Numbers(int layer, string module) => export.Matrices[$"/model/layers.{layer}/{module}/MatMul"].Numbers();

        float[] Read(int layer, string module, int rows, int columns)
        {
            var matrix = hosted.Matrices[$"model.layers.{layer}.{module}.weight"];
            Assert.Equal((rows, columns), (matrix.Rows, matrix.Columns));
            var format = zeroPoints ? QuantizedFormat.Int4ZeroPoints : QuantizedFormat.Int4Symmetric;
            // Scales of HostMatrix are multiples of 2⁻⁸ below 1: eight bits.
            Assert.Equal(new QuantizedForm(format, 32, ScaleRounding.EightBits, "onnx"), matrix.Form);
            return Dequantised(matrix);
        }
    }

    /// <summary>What stands for nothing is as the layout says, whatever the file has there.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Codes_beyond_k_and_the_nibble_without_a_block_are_those_of_the_layout(bool zeroPoints)
    {
        HostedFolder.Export(fused: false, zeroPoints).Write(folder.File("model.onnx"), external: true);
        using var hosted = HostedInt4.Read(folder.Path, folder.Model());
        var matrix = hosted.Matrices["model.layers.1.mlp.up_proj.weight"];
        for (var row = 0; row < matrix.Rows; row++)
        {
            // Three blocks: two bytes of zero points, and 16 of 32 codes of the last.
            var zero = zeroPoints ? matrix.ZeroPoints.Span[(2 * row) + 1] : 8;
            Assert.InRange(zero, 0, 15);
            var padding = matrix.Codes.Slice((48 * row) + 40, 8).ToArray();
            Assert.All(padding, pair => Assert.Equal(zero * 17, pair));
        }
    }

    [Fact]
    public void Bytes_of_a_mapped_file_are_viewed_where_they_are_as_the_layout_says()
    {
        var path = HostedFolder.Export(zeroPoints: true).Write(folder.File("model.onnx"), external: true);
        using var outside = HostedInt4.Read(path, folder.Model());
        // 64 columns are two whole blocks.
        var whole = outside.Matrices["model.layers.0.self_attn.o_proj.weight"];
        Assert.True(MemoryMarshal.TryGetMemoryManager<byte, ViewedBytes>(whole.Codes, out _));
        Assert.True(MemoryMarshal.TryGetMemoryManager<byte, ViewedBytes>(whole.ZeroPoints, out _));

        // 72 are not.
        var filled = outside.Matrices["model.layers.0.mlp.down_proj.weight"];
        Assert.False(MemoryMarshal.TryGetMemoryManager<byte, ViewedBytes>(filled.Codes, out _));
    }

    [Fact]
    public void Scales_that_are_not_of_eight_bits_are_told_matrix_by_matrix()
    {
        var export = HostedFolder.Export(fused: true);
        var fused = export.Matrices["/model/layers.0/attn/qkv_proj/MatMul"];
        // The last of the rows, a value's.
        fused.Scales[^1] = 0.1f;
        var scales = export.Initializer("model.layers.0.attn.qkv_proj.MatMul.weight_scales");
        scales.RawData = Google.Protobuf.ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(fused.Scales));
        using var hosted = HostedInt4.Read(export.Write(folder.File("model.onnx")), folder.Model());
        Assert.Equal(
            [ScaleRounding.EightBits, ScaleRounding.EightBits, ScaleRounding.None],
            ((string[])["q", "k", "v"]).Select(m => hosted.Matrices[$"model.layers.0.self_attn.{m}_proj.weight"].Form.Rounding));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Weights_of_every_family_are_found_in_its_export(string family)
    {
        var export = HostedFolder.Export(fused: true, zeroPoints: true);
        export.Write(folder.File("model.onnx"));
        using var hosted = HostedInt4.Read(folder.Path, folder.Model(family));
        if (family != "phi3")
        {
            Assert.Equal(14, hosted.Matrices.Count);
            return;
        }

        // Both are one matrix in this family; the host has gate and up apart.
        Assert.Equal(
            export.Matrices["/model/layers.1/attn/qkv_proj/MatMul"].Numbers(),
            Dequantised(hosted.Matrices["model.layers.1.self_attn.qkv_proj.weight"]));
        Assert.Equal(
            [.. export.Matrices["/model/layers.1/mlp/gate_proj/MatMul"].Numbers(),
                .. export.Matrices["/model/layers.1/mlp/up_proj/MatMul"].Numbers()],
            Dequantised(hosted.Matrices["model.layers.1.mlp.gate_up_proj.weight"]));
        Assert.Equal(8, hosted.Matrices.Count);
    }

    [Fact]
    public void Rows_that_are_one_matrix_here_may_be_three_there()
    {
        var export = HostedFolder.Export(fused: false, zeroPoints: true);
        using var hosted = HostedInt4.Read(export.Write(folder.File("model.onnx"), external: true), folder.Model("phi3"));
        Assert.Equal(
            ((string[])["q", "k", "v"]).SelectMany(m => export.Matrices[$"/model/layers.0/attn/{m}_proj/MatMul"].Numbers()),
            Dequantised(hosted.Matrices["model.layers.0.self_attn.qkv_proj.weight"]));
    }

    /// <summary>A matrix of this project's quantiser goes through a file and comes back the same, byte for byte.</summary>
    [Theory]
    [InlineData(nameof(ElementType.Float))]
    [InlineData(nameof(ElementType.Float16))]
    [InlineData(nameof(ElementType.BFloat16))]
    public void What_was_quantised_here_comes_back_from_an_export(string scales)
    {
        var random = new Random(5);
        foreach (var block in (int[])[32, 64, 128])
        {
            var format = random.Next(2) == 0 ? QuantizedFormat.Int4Symmetric : QuantizedFormat.Int4ZeroPoints;
            var written = new Dictionary<string, QuantizedMatrix>();
            var shape = HostedFolder.Export(fused: false);
            var export = new HostExport { ScaleType = Enum.Parse<ElementType>(scales) };
            foreach (var (name, matrix) in shape.Matrices)
            {
                written.Add(name, Quantised(matrix.Rows, matrix.Columns, format, block, random));
                export.Add(name, HostMatrix.Of(written[name]));
            }

            using var hosted = HostedInt4.Read(export.Write(folder.File("model.onnx"), external: block == 64), folder.Model());
            foreach (var (name, matrix) in written)
            {
                var weight = name[1..].Replace("/attn/", "/self_attn/", StringComparison.Ordinal)
                    .Replace("/MatMul", "/weight", StringComparison.Ordinal).Replace('/', '.');
                var read = hosted.Matrices[weight];
                Assert.Equal(matrix.Form with { Quantizer = "onnx" }, read.Form);
                Assert.Equal(matrix.Codes.ToArray(), read.Codes.ToArray());
                Assert.Equal(matrix.Scales.ToArray(), read.Scales.ToArray());
                Assert.Equal(matrix.ZeroPoints.ToArray(), read.ZeroPoints.ToArray());
            }
        }
    }

    [Fact]
    public void A_folder_with_weights_beside_the_hosts_model_is_read()
    {
        HostedFolder.Export().Write(folder.File("model.onnx"));
        folder.Write("model.safetensors", "");
        using var hosted = HostedInt4.Read(folder.Path, folder.Model());
        Assert.Equal(folder.File("model.onnx"), hosted.Path);
    }

    [Fact]
    public void An_adapter_on_the_model_is_passed_over()
    {
        HostedFolder.Export().Write(folder.File("model.onnx"));
        const string Weight = "model.layers.0.self_attn.q_proj.weight";
        var adapted = new AdaptedModel(
            folder.Model(), new Dictionary<string, LowRankTerm> { [Weight] = new(Rank: 2, Scale: 1) }, new HashSet<string>());
        using var hosted = HostedInt4.Read(folder.Path, adapted);
        Assert.Equal(14, hosted.Matrices.Count);
    }

    [Fact]
    public void What_the_host_quantises_beside_the_layers_is_noted_with_how_to_leave_it()
    {
        var export = HostedFolder.Export();
        HostExport.Set(export.Node("/model/layers.0/attn/o_proj/MatMul_Q4"), "accuracy_level", 4);
        export.Add("/lm_head/MatMul", HostMatrix.Random(HostedFolder.Vocabulary, HostedFolder.Hidden, 32, zeroPoints: false, seed: 9));
        export.Model.Graph.Node.Add(new Autodiff.Onnx.NodeProto
        {
            Name = "/model/embed_tokens/Gather_Q4", OpType = "GatherBlockQuantized", Domain = HostExport.Domain,
        });
        using var hosted = HostedInt4.Read(export.Write(folder.File("model.onnx")), folder.Model());
        Assert.Equal(
            [
                "model.onnx has the head ('/lm_head/MatMul_Q4', 4 bits) and the embedding ('/model/embed_tokens/Gather_Q4') quantized; "
                    + "here they stay as in the model folder, so that numbers differ from the host's; exported with "
                    + "nodes_to_exclude=/lm_head/MatMul,/model/embed_tokens/Gather the host has them so too",
                "model.onnx: accuracy_level is 4 in 1 of 11 MatMulNBits nodes, '/model/layers.0/attn/o_proj/MatMul_Q4' the first: the "
                    + "host may round what is multiplied with these matrices to int8, which is not done here; exported with "
                    + "accuracy_level=1 it does not",
            ],
            hosted.Notes);
    }

    static unsafe QuantizedMatrix Quantised(int rows, int columns, QuantizedFormat format, int block, Random random)
    {
        var values = new float[rows * columns];
        foreach (ref var value in values.AsSpan())
        {
            value = (float)((random.NextDouble() - 0.4) * Math.Pow(2, random.Next(-3, 2)));
        }

        fixed (float* first = values)
        {
            return Int4.Quantise(new SourceMatrix("w", (nint)first, SourceType.Float32, rows, columns), format, block);
        }
    }

    static float[] Dequantised(QuantizedMatrix matrix)
    {
        var numbers = new float[matrix.Rows * matrix.Columns];
        matrix.Dequantise(numbers);
        return numbers;
    }
}
