using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models.Import;

namespace OrtDpo.Models.Tests.Import;

/// <summary>A model file may come from anywhere: whatever its bytes, it is read or refused in a sentence.</summary>
public sealed class DamagedModelsTests : IDisposable
{
    const int Seed = 20;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Changed_bytes_are_refused_or_change_nothing_that_matters()
    {
        var whole = File.ReadAllBytes(Repository.Find("tests", "golden", "foreign-onnx", "gpt2-opset14", "model.onnx"));
        var random = new Random(Seed);
        for (var i = 0; i < 150; i++)
        {
            var damaged = (byte[])whole.Clone();
            // Most changes among the nodes, which the exporter writes before the weights.
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                damaged[random.Next(random.Next(4) == 0 ? damaged.Length : 40_000)] = (byte)random.Next(256);
            }

            if (i % 10 == 0)
            {
                damaged = damaged[..random.Next(damaged.Length)];
            }

            var path = folder.Write("model.onnx", damaged);
            var error = Record.Exception(() =>
            {
                using var file = OnnxFile.Open(path);
                ForeignModel.Read(file);
            });
            var expected = error is null or InvalidDataException or NotSupportedException or FileNotFoundException;
            Assert.True(expected, $"change {i} of seed {Seed}: {error}");
        }
    }

    [Theory]
    [InlineData("y = Transpose(x) { perm = [0, 1, 3] }", "node_y' (Transpose): the permutation [0, 1, 3] does not fit [B, S, 4]")]
    [InlineData("y = Unsqueeze(x, [4, 4])", "node_y' (Unsqueeze): the axes [4, 4] do not fit rank 5")]
    [InlineData("y = Add(x, [1.0, 2.0])",
        "node_y' (Add): it does not fit its inputs: Node 'node_y/Add' (Add): shapes [B, S, 4] and [2] do")]
    [InlineData("g = Gather([2, 3], [2])\n y = Reshape(x, g)", "node_g' (Gather): indices [2] are outside the 2 lines of axis 0")]
    [InlineData("y = Slice(x, [0, 1], [2], [0])", "node_y' (Slice): it has 2 starts, 1 ends, 1 axes and 1 steps; expected as many of each")]
    [InlineData("y, z = Split(x, [1, 2]) { axis = 2 }", "node_y' (Split): axis 2 of [B, S, 4] does not split into 2 parts of [1, 2]")]
    [InlineData("y = Concat(x, scale) { axis = 0 }", "node_y' (Concat): input 1 has the shape [4], and input 0 [B, S, 4]")]
    [InlineData("y = Reshape(x, [0, 0, 0, 0])", "node_y' (Reshape): it keeps dimension 3 of [B, S, 4], which has 3")]
    [InlineData("y = Trilu(x, [1, 2])", "node_y' (Trilu): the diagonal ('[1, 2]') has the shape [2]; expected one number")]
    public void Numbers_that_do_not_fit_together_are_the_files_fault(string lines, string expected)
    {
        using var file = OnnxFile.Open(TextModel.Build(18, lines).Write(folder.File("model.onnx")));
        var error = Assert.Throws<InvalidDataException>(() => ForeignModel.Read(file));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Export or fetch the model again.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n = Div(-9223372036854775808, -1)")]
    [InlineData("n = Mod(-9223372036854775808, -1)")]
    [InlineData("n = Abs(-9223372036854775808)")]
    [InlineData("i = Cast(3000000000) { to = 6 }\n n = Add(i, i)")]
    public void The_limits_of_integers_are_no_fault(string line)
    {
        using var file = OnnxFile.Open(
            TextModel.Build(18, $"{line}\n f = Cast(n) {{ to = 1 }}\n y = Mul(x, f)").Write(folder.File("model.onnx")));
        Assert.Equal(TextModel.Vocabulary, ForeignModel.Read(file).Vocabulary);
    }

    [Fact]
    public void A_fault_of_our_own_is_not_blamed_on_the_file()
    {
        using var file = OnnxFile.Open(TextModel.Build(18, "y = Identity(x)").Write(folder.File("model.onnx")));
        var context = new ImportContext(new GraphImport(file, []), new NodeProto { Name = "n", OpType = "Identity" }, []);
        foreach (var fault in (Exception[])[
            new InvalidOperationException(), new KeyNotFoundException(), new OverflowException(),
            new ArgumentException("of another method")])
        {
            Assert.Same(fault, Record.Exception(() => GraphImport.Converted(context, _ => throw fault)));
        }

        var blamed = Record.Exception(() => GraphImport.Converted(context, _ => throw new ShapeException("two and three differ")));
        Assert.Equal(
            $"{file.Path}, node 'n' (Identity): it does not fit its inputs: two and three differ. Export or fetch the model again.",
            Assert.IsType<InvalidDataException>(blamed).Message);
    }

    [Fact]
    public void An_attribute_that_is_given_twice_is_refused()
    {
        var model = TextModel.Build(18, "y = Softmax(x) { axis = 2 }");
        var node = model.Graph.Node.First(n => n.OpType == "Softmax");
        node.Attribute.Add(node.Attribute[0].Clone());
        using var file = OnnxFile.Open(model.Write(folder.File("model.onnx")));
        var error = Assert.Throws<InvalidDataException>(() => ForeignModel.Read(file));
        Assert.Contains("'node_y' (Softmax): attribute 'axis' is given twice", error.Message, StringComparison.Ordinal);
    }
}
