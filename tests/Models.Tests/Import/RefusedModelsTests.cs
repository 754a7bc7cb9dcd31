using System.Security.Cryptography;
using Google.Protobuf;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models.Import;

namespace OrtDpo.Models.Tests.Import;

/// <summary>What is not read is refused with the place, what was found and what is supported.</summary>
public sealed class RefusedModelsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_unknown_operator_is_named_with_its_node_and_what_is_supported()
    {
        var message = Refused(TextModel.Build(14, "y = com.example.Attention(x)"));
        const string Expected = "node 'node_y' (com.example.Attention): this operator is not read. Supported are Abs, Add, ";
        Assert.Contains(Expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(25)]
    public void An_operator_set_outside_the_range_is_refused(int opset) => Assert.Contains(
        $"is written in operator set {opset}. Supported are 14 to 24",
        Refused(TextModel.Build(opset, "y = Identity(x)")),
        StringComparison.Ordinal);

    [Fact]
    public void A_shape_that_values_decide_is_refused()
    {
        var message = Refused(TextModel.Build(14, """
            n = ReduceMax(input_ids) { keepdims = 0 }
            u = Unsqueeze(n, [0])
            t = Concat(u, [4]) { axis = 0 }
            y = Reshape(x, t)
            """));
        const string Expected = "node 'node_y' (Reshape): the target shape ('t') is computed from values, not from shapes";
        Assert.Contains(Expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_that_no_input_has_is_refused() => Assert.Contains(
        "a shape is made of the size S+1, which is no input's; supported are products of the batch, the sequence and numbers.",
        Refused(TextModel.Build(18, """
            m = ReduceMean(x, [1])
            longer = Concat(x, m) { axis = 1 }
            n = Shape(longer) { start = 1, end = 2 }
            f = Cast(n) { to = 1 }
            y = Mul(x, f)
            """)),
        StringComparison.Ordinal);

    [Fact]
    public void A_branch_that_values_decide_is_refused() => Assert.Contains(
        "(If): its condition is computed from values",
        Refused(TextModel.Build(14, "n = ReduceMax(x) { keepdims = 0 }\n c = Greater(n, 0.0)\n y = If(c)")),
        StringComparison.Ordinal);

    [Fact]
    public void Fixed_sizes_are_refused()
    {
        var model = TextModel.Build(14, "y = Identity(x)");
        model.Graph.Input[0].Type.TensorType.Shape.Dim[1] = new TensorShapeProto.Types.Dimension { DimValue = 8 };
        const string Expected = "input_ids has the fixed shape [batch, 8]; expected [batch, sequence], both open";
        Assert.Contains(Expected, Refused(model), StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_nothing_feeds_is_refused()
    {
        var model = TextModel.Build(14, "y = Identity(x)");
        model.Graph.Input.Add(new ValueInfoProto(model.Graph.Input[0]) { Name = "token_type_ids" });
        Assert.Contains("nothing is known to feed input 'token_type_ids' with", Refused(model), StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_of_16_bits_is_refused_where_it_would_train_and_a_host_may_ask_for_the_sizes()
    {
        var model = TextModel.Build(14, "y = Mul(x, half)");
        model.Graph.Initializer.Add(
            new TensorProto { Name = "half", DataType = 10, Dims = { 4 }, RawData = ByteString.CopyFrom(new byte[8]) });
        model.Write(folder.File("model.onnx"));
        Assert.Contains(
            "parameter 'half' is Float16; only Float (32 bits) trains",
            Assert.Throws<NotSupportedException>(() => ModelFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Equal(4, ModelFolder.ModelOf(folder.Path).Sizes.HiddenSize);
    }

    [Fact]
    public void A_damaged_file_says_so()
    {
        var path = folder.Write("model.onnx", [1, 2, 3]);
        var error = Assert.Throws<InvalidDataException>(() => OnnxFile.Open(path));
        Assert.StartsWith($"{path} is not an ONNX model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_outside_may_not_leave_the_folder()
    {
        File.WriteAllBytes(Path.Combine(Path.GetTempPath(), "ortdpo-outside.bin"), new byte[80]);
        File.CreateSymbolicLink(folder.File("link.bin"), Path.Combine(Path.GetTempPath(), "ortdpo-outside.bin"));
        string[] locations = ["../ortdpo-outside.bin", Path.Combine(Path.GetTempPath(), "ortdpo-outside.bin"), "", "link.bin"];
        foreach (var location in locations)
        {
            Damaged("outside the model's folder", ("location", location));
        }

        File.Delete(Path.Combine(Path.GetTempPath(), "ortdpo-outside.bin"));
    }

    [Fact]
    public void Tensors_outside_must_be_whole_and_have_their_checksum()
    {
        folder.Write("data.bin", new byte[100]);
        Damaged("takes bytes 32 to 112 of data.bin, which has 100", ("location", "data.bin"), ("offset", "32"), ("length", "80"));
        Damaged("gives its offset as '-1'", ("location", "data.bin"), ("offset", "-1"));
        Damaged("has the SHA-1", ("location", "data.bin"), ("length", "80"), ("checksum", "00"));
        Damaged("[5, 4] has 100 bytes; expected 80", ("location", "data.bin"));
        Assert.Throws<FileNotFoundException>(() => Read(Outside(("location", "missing.bin"))));
#pragma warning disable CA5350
        var checksum = Convert.ToHexString(SHA1.HashData(new byte[100]));
#pragma warning restore CA5350
        Read(Outside(("location", "data.bin"), ("offset", "20"), ("length", "80"), ("checksum", checksum)));
    }

    [Fact]
    public void Several_models_in_a_folder_need_one_called_model()
    {
        Assert.Null(OnnxFile.Find(folder.Path));
        var other = folder.Write("decoder.onnx", "");
        Assert.Equal(other, OnnxFile.Find(folder.Path));
        folder.Write("encoder.onnx", "");
        Assert.Throws<InvalidDataException>(() => OnnxFile.Find(folder.Path));
        var named = folder.Write("model.onnx", "");
        Assert.Equal(named, OnnxFile.Find(folder.Path));
    }

    // The embedding, of 5 × 4 numbers, in a file beside the model.
    static ModelProto Outside(params (string Key, string Value)[] entries)
    {
        var model = TextModel.Build(14, "y = Identity(x)");
        var embedding = model.Graph.Initializer.First(i => i.Name == "embedding");
        embedding.RawData = ByteString.Empty;
        embedding.DataLocation = TensorProto.Types.DataLocation.External;
        embedding.ExternalData.AddRange(entries.Select(e => new StringStringEntryProto { Key = e.Key, Value = e.Value }));
        return model;
    }

    string Refused(ModelProto model) => Assert.Throws<NotSupportedException>(() => Read(model)).Message;

    void Damaged(string expected, params (string Key, string Value)[] entries)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(Outside(entries)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    void Read(ModelProto model)
    {
        using var file = OnnxFile.Open(model.Write(folder.File("model.onnx")));
        ForeignModel.Read(file);
    }
}
