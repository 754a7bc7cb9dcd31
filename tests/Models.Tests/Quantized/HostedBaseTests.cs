using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>A base whose linear weights are those that a host runs in int4.</summary>
public sealed class HostedBaseTests : IDisposable
{
    const string Last = "/model/layers.1/mlp/down_proj/MatMul";

    readonly TemporaryFolder folder = new();
    readonly TemporaryFolder host = new();

    public void Dispose()
    {
        folder.Dispose();
        host.Dispose();
    }

    [Theory]
    [InlineData("F32", false)]
    [InlineData("BF16", true)]
    [InlineData("F16", true)]
    public void Weights_are_the_export_s_and_the_rest_the_folder_s(string type, bool external)
    {
        var stored = folder.WriteModel(type: type);
        var export = Export(stored);
        var path = export.Write(host.File("model.onnx"), external);
        using var model = Open(path);
        Assert.Equal(TinyFolder.LinearWeights("llama"), model.Quantized!.Weights.Keys);
        foreach (var (name, weight) in model.Quantized.Weights)
        {
            Assert.Equal(export.Matrices[NodeOf(name)].Numbers(), weight.Numbers());
        }

        foreach (var name in model.Parameters.Except(model.Quantized.Weights.Keys))
        {
            Assert.Equal(stored[name], model.Numbers(name));
        }

        using var alone = ModelFolder.Open(folder.Path);
        Assert.Equal(ReferenceDigest.Compute(alone), ReferenceDigest.Compute(model));
        Assert.Equal("Pass `Base` with the file that its weights were read from", BaseWeights.Advice(model.Quantized.Form));
    }

    [Fact]
    public void The_form_tells_one_export_from_another_and_not_where_it_lies()
    {
        var stored = folder.WriteModel();
        var export = Export(stored);
        var path = export.Write(host.File("model.onnx"));
        var form = Form(path);
        Assert.Matches("^format=int4 quantizer=onnx digest=[0-9a-f]{16}$", form);
        Assert.Equal(form, Form(host.Path));
        File.Delete(path);
        Assert.Equal(form, Form(export.Write(host.File("other.onnx"), external: true)));

        var changed = Export(stored, change: matrix => matrix.Codes[7] ^= 1);
        Assert.NotEqual(form, Form(changed.Write(host.File("changed.onnx"))));
    }

    [Fact]
    public void An_export_of_another_model_of_the_same_shapes_is_refused()
    {
        var other = folder.WriteModel(seed: 2);
        folder.WriteModel(seed: 1);
        // Two of as many numbers, as large and independent, differ by √2 times what they are.
        var path = Export(other).Write(host.File("model.onnx"));
        Assert.Equal(
            $"{path} is of another model: its 'model.layers.0.self_attn.q_proj.weight' differs from that of {folder.Path} by 1.4 times "
            + "what it is, and 4 bits make a tenth of it. Give the model that it was exported from (`Model`).", Refusal(path));
    }

    [Fact]
    public void One_matrix_of_another_model_is_enough()
    {
        var stored = folder.WriteModel();
        var path = host.File("model.onnx");
        // The same numbers in other rows; zeros; each with the other sign.
        foreach (var change in (Action<HostMatrix>[])[m => Array.Reverse(m.Codes), m => Array.Clear(m.Scales), Negate])
        {
            Export(stored, change).Write(path);
            Assert.StartsWith(
                $"{path} is of another model: its 'model.layers.1.mlp.down_proj.weight' differs ", Refusal(path), StringComparison.Ordinal);
        }

        static void Negate(HostMatrix matrix)
        {
            for (var i = 0; i < matrix.Scales.Length; i++)
            {
                matrix.Scales[i] = -matrix.Scales[i];
            }
        }
    }

    [Fact]
    public void A_scale_that_is_no_number_is_refused()
    {
        var stored = folder.WriteModel();
        Refusal(Export(stored, m => m.Scales[1] = float.NaN).Write(host.File("model.onnx")));
    }

    [Fact]
    public void What_is_no_export_is_refused()
    {
        folder.WriteModel();
        Assert.StartsWith(
            $"{host.Path} holds no .onnx file. ", Assert.Throws<FileNotFoundException>(() => Open(host.Path)).Message,
            StringComparison.Ordinal);
        var text = host.Write("notes.txt", "nothing");
        Assert.StartsWith(text, Refusal(text), StringComparison.Ordinal);
        folder.WriteModel("gpt2");
        var path = HostedFolder.Export().Write(host.File("model.onnx"));
        Assert.Contains("'gpt2'", Assert.Throws<NotSupportedException>(() => Open(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// The weights rounded to the nearest of −7 to 7 times a seventh of the largest of 32; the last matrix changed.
    /// </summary>
    static HostExport Export(Dictionary<string, float[]> stored, Action<HostMatrix>? change = null)
    {
        var export = new HostExport();
        foreach (var name in TinyFolder.LinearWeights("llama"))
        {
            var columns = name.Contains("down_proj", StringComparison.Ordinal) ? HostedFolder.Inner
                : name.Contains("o_proj", StringComparison.Ordinal) ? HostedFolder.Queries : HostedFolder.Hidden;
            var matrix = Rounded(stored[name], columns);
            if (NodeOf(name) == Last)
            {
                change?.Invoke(matrix);
            }

            export.Add(NodeOf(name), matrix);
        }

        return export;
    }

    static HostMatrix Rounded(float[] numbers, int columns)
    {
        var (rows, blocks) = (numbers.Length / columns, (columns + 31) / 32);
        var matrix = new HostMatrix(rows, columns, Block: 32, new byte[rows * blocks * 16], new float[rows * blocks], ZeroPoints: null);
        Array.Fill(matrix.Codes, (byte)0x88);
        for (var block = 0; block < rows * blocks; block++)
        {
            var (row, start) = (block / blocks, block % blocks * 32);
            var values = numbers.AsSpan((row * columns) + start, Math.Min(32, columns - start)).ToArray();
            matrix.Scales[block] = values.Max(MathF.Abs) / 7;
            for (var i = 0; i < values.Length; i++)
            {
                var code = 8 + (int)MathF.Round(values[i] / matrix.Scales[block]);
                ref var pair = ref matrix.Codes[(block * 16) + (i / 2)];
                pair = (byte)(i % 2 == 0 ? (pair & 0xF0) | code : (pair & 0x0F) | (code << 4));
            }
        }

        return matrix;
    }

    // model.layers.0.self_attn.q_proj.weight as GenAI's model builder calls the product.
    static string NodeOf(string weight)
    {
        var parts = weight.Split('.');
        return $"/model/layers.{parts[2]}/{(parts[3] == "mlp" ? "mlp" : "attn")}/{parts[4]}/MatMul";
    }

    string Form(string path)
    {
        using var model = Open(path);
        return model.Quantized!.Form!;
    }

    string Refusal(string path) => Assert.Throws<InvalidDataException>(() => Open(path)).Message;

    ModelFolder Open(string path) => ModelFolder.Open(folder.Path, adapter: null, WeightMapping.ReadOnly, new BaseWeights(path));
}
