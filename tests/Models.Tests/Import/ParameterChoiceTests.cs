using Google.Protobuf;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models.Import;

namespace OrtDpo.Models.Tests.Import;

/// <summary>An initializer trains by what the graph does with it: docs/onnx-models.md says the rule.</summary>
public sealed class ParameterChoiceTests : IDisposable
{
    // The number of tokens, and the positions 0, 1, …
    const string Steps = """
        s = Shape(input_ids)
        w = Gather(s, 1)
        steps = Range(0, w, 1)
        uw = Unsqueeze(w, [0])
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a norm's scale", "y = Mul(x, scale)", true)]
    [InlineData("a scale that counts from one", "o = Add(scale, 1.0)\n y = Mul(x, o)", true)]
    [InlineData("a bias in another layout", "r = Reshape(scale, [1, 1, 4])\n y = Add(x, r)", true)]
    [InlineData("learned positions, gathered", Steps + "\n p = Gather(table, steps)\n y = Add(x, p)", true)]
    [InlineData("learned positions, sliced", Steps + "\n p = Slice(table, [0], uw, [0])\n u = Unsqueeze(p, [0])\n y = Add(x, u)", true)]
    [InlineData("a rotary table, gathered", Steps + "\n p = Gather(table, steps)\n y = Mul(x, p)", false)]
    [InlineData("a rotary table, sliced", Steps + "\n p = Slice(table, [0], uw, [0])\n y = Mul(x, p)", false)]
    [InlineData("rotary frequencies",
        Steps + "\n f = Cast(steps) { to = 1 }\n c = Unsqueeze(f, [1])\n a = Mul(c, scale)\n k = Cos(a)\n y = Mul(x, k)", false)]
    [InlineData("a scale of one element", "y = Mul(x, one)", false)]
    [InlineData("a float mask",
        Steps + "\n two = Concat(uw, uw) { axis = 0 }\n m = Slice(square, [0, 0], two, [0, 1])\n k = MatMul(m, x)\n y = Add(x, k)", false)]
    public void The_use_decides(string what, string lines, bool trains)
    {
        var model = TextModel.Build(14, lines);
        model.Graph.Initializer.Add(TextModel.Weight("table", 9, 4));
        model.Graph.Initializer.Add(TextModel.Weight("square", 9, 9));
        model.Graph.Initializer.Add(TextModel.Weight("one", 1));
        using var file = OnnxFile.Open(model.Write(folder.File("model.onnx")));
        var read = ForeignModel.Read(file);
        var others = read.Parameters.Select(p => p.Name).Except(["embedding", "head"]).ToList();
        Assert.Equal((what, trains ? 1 : 0), (what, others.Count));
        var bounded = lines.Contains("table", StringComparison.Ordinal) || lines.Contains("square", StringComparison.Ordinal);
        Assert.Equal(bounded ? 9 : null, read.Positions);
    }

    [Fact]
    public void A_head_with_the_embeddings_numbers_is_the_embedding_unless_the_configuration_says_otherwise()
    {
        var model = TextModel.Build(14, "y = Identity(x)");
        var embedding = model.Graph.Initializer.First(i => i.Name == "embedding");
        var head = model.Graph.Initializer.First(i => i.Name == "head");
        var transposed = new byte[80];
        for (var i = 0; i < 20; i++)
        {
            embedding.RawData.Span.Slice(4 * i, 4).CopyTo(transposed.AsSpan(4 * (((i % 4) * 5) + (i / 4))));
        }

        head.RawData = ByteString.CopyFrom(transposed);
        using var file = OnnxFile.Open(model.Write(folder.File("model.onnx")));
        Assert.Equal([new ForeignCopy("head", "embedding", Transposed: true)], ForeignModel.Read(file).Copies);
        Assert.Equal(["embedding"], ForeignModel.Read(file).Parameters.Select(p => p.Name));
        Assert.Equal(["embedding", "head"], ForeignModel.Read(file, tied: false).Parameters.Select(p => p.Name));

        folder.Write("config.json", """{ "tie_word_embeddings": false, "n_positions": 7 }""");
        Assert.Equal(["embedding", "head"], OnnxDecoder.Read(file).Parameters.Select(p => p.Name));
        Assert.Equal(7, OnnxDecoder.Read(file).Sizes.MaxPositions);
    }

    [Fact]
    public void A_bias_after_the_last_product_is_part_of_the_head()
    {
        var model = TextModel.Build(14, "y = Identity(x)");
        model.Graph.Node[^1].Output[0] = "product";
        model.Graph.Node.Add(new NodeProto { OpType = "Add", Input = { "bias", "product" }, Output = { "logits" } });
        model.Graph.Initializer.Add(TextModel.Weight("bias", 5));
        using var file = OnnxFile.Open(model.Write(folder.File("model.onnx")));
        var head = ForeignModel.Read(file).Head;
        Assert.Equal(("head", "bias", false), (head?.Weight, head?.Bias, head?.RowsAreTokens));
    }

    [Fact]
    public void Logits_that_something_else_makes_are_gathered_and_a_line_says_so()
    {
        var model = TextModel.Build(14, "y = Identity(x)");
        model.Graph.Node[^1].Output[0] = "product";
        model.Graph.Node.Add(new NodeProto { OpType = "Tanh", Input = { "product" }, Output = { "logits" } });
        using var file = OnnxFile.Open(model.Write(folder.File("model.onnx")));
        var decoder = OnnxDecoder.Read(file);
        Assert.Contains("no last matrix product with one parameter was recognised", decoder.Notes[0], StringComparison.Ordinal);
        Assert.Equal(5, decoder.Sizes.HiddenSize);
        Assert.Empty(decoder.Head().ParameterNames);
    }
}
