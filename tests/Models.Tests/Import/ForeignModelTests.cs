using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Models.Import;
using OrtDpo.Safetensors;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Import;

/// <summary>Models of PyTorch's exporter, read and run as this project's graphs, against ONNX Runtime on the files themselves.</summary>
[Trait("Speed", "native")]
public sealed class ForeignModelTests
{
    public static TheoryData<string> Models => new("gpt2-opset14", "gpt2-opset17-outside", "llama-opset14", "llama-opset17-pasts");

    [Theory]
    [MemberData(nameof(Models))]
    public void Parameters_are_what_pytorch_has_gradients_of_and_a_repeated_head_counts_once(string name)
    {
        using var file = OnnxFile.Open(Repository.Find("tests", "golden", "foreign-onnx", name, "model.onnx"));
        var model = ForeignModel.Read(file);
        using var gradients = SafetensorsFile.Open(Repository.Find("tests", "golden", "foreign-onnx", name, "gradients.safetensors"));
        Assert.Equal(gradients.Tensors.Keys.Order(), model.Parameters.Select(p => p.Name).Concat(model.Copies.Select(c => c.Name)).Order());
        Assert.Equal(name.StartsWith("gpt2", StringComparison.Ordinal), model.Copies.Count == 1);
        Assert.All(model.Parameters, p => Assert.Equal(gradients.Tensors[p.Name].Shape, p.Shape));
        Assert.NotNull(model.Head);
        Assert.Equal(64, model.Vocabulary);
        Assert.Equal(48, model.Positions);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_body_and_its_last_product_give_the_logits_of_the_file(string name)
    {
        const int Rows = 3, Width = 7, Past = 0;
        var path = Repository.Find("tests", "golden", "foreign-onnx", name, "model.onnx");
        using var file = OnnxFile.Open(path);
        var model = ForeignModel.Read(file);
        var random = new Random(3);
        long[] sizes = [Rows, Width];
        var ids = Enumerable.Range(0, Rows * Width).Select(_ => (long)random.Next(64)).ToArray();
        // The second row ends two tokens early.
        var mask = Enumerable.Range(0, Rows * Width).Select(i => i / Width == 1 && i % Width >= 5 ? 0L : 1L).ToArray();
        var positions = Enumerable.Range(0, Rows * Width).Select(i => (long)(i % Width)).ToArray();
        var feeds = new Dictionary<string, Tensor>
        {
            ["input_ids"] = new(DataType.Int64, sizes, ids),
            ["attention_mask"] = new(DataType.Int64, sizes, mask),
            ["position_ids"] = new(DataType.Int64, sizes, positions),
        };
        using var session = new InferenceSession(path);
        foreach (var past in session.InputNames.Where(n => n.StartsWith("past", StringComparison.Ordinal)))
        {
            feeds[past] = new(DataType.Float32, [Rows, 2, Past, 4], Array.Empty<float>());
        }

        var expected = GraphRunner.Run(session, [.. session.InputNames], feeds)["logits"].Numbers();
        var weights = model.Parameters.ToDictionary(p => p.Name, p => new Tensor(DataType.Float32, p.Shape, Floats(file, p.Name)));
        foreach (var (parameter, weight) in weights)
        {
            feeds[parameter] = weight;
        }

        var hidden = GraphRunner.Run(model.Body.Lower(LoweringKind.Fused), feeds)["hidden"];
        Assert.Equal([Rows, Width, 16], hidden.Sizes);
        var head = weights[model.Head!.Weight].Numbers();
        for (var token = 0; token < Rows * Width; token++)
        {
            if (mask[token] == 0)
            {
                continue;
            }

            for (var v = 0; v < 64; v++)
            {
                var logit = Enumerable.Range(0, 16).Sum(
                    h => hidden.Numbers()[(token * 16) + h] * head[model.Head.RowsAreTokens ? (v * 16) + h : (h * 64) + v]);
                GraphTolerance.Check(DataType.Float32, expected[(token * 64) + v], logit, $"{name}: logit {v} of token {token}");
            }
        }
    }

    static float[] Floats(OnnxFile file, string name) =>
        MemoryMarshal.Cast<byte, float>(file.Read(file.Initializers[name]).Bytes).ToArray();
}
