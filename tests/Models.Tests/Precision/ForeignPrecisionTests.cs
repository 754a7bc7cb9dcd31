using System.Runtime.InteropServices;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Models.Import;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Precision;

/// <summary>Models of other exporters, whose norms, rotations and masks are spelled out, in bfloat16.</summary>
public sealed class ForeignPrecisionTests
{
    // Of Tolerances' reasoning on roundings, for norms that are written in a dozen operators.
    const double Most = 0.06, Least = 0.002;

    public static TheoryData<string> Models => new("gpt2-opset14", "gpt2-opset17-outside", "llama-opset14", "llama-opset17-pasts");

    [Theory]
    [MemberData(nameof(Models))]
    public void Nothing_is_refused(string name)
    {
        using var file = Open(name);
        var decoder = OnnxDecoder.Read(file);
        (DataType, bool)[] kinds = [(DataType.Float32, true), (DataType.BFloat16, true), (DataType.BFloat16, false)];
        foreach (var (compute, keep) in kinds)
        {
            var gradient = new PrecisionPass(compute).Of(Gradient(decoder, keep));
            KernelTable.Cuda.Require(gradient.Forward.Lower(LoweringKind.Cuda));
            KernelTable.Cuda.Require(gradient.Backward.Lower(LoweringKind.Cuda));
        }
    }

    [Theory]
    [Trait("Speed", "native")]
    [MemberData(nameof(Models))]
    public void Hidden_states_and_gradients_are_off_by_roundings_alone(string name)
    {
        using var file = Open(name);
        var decoder = OnnxDecoder.Read(file);
        var gradient = Gradient(decoder, keep: false);
        var narrow = new PrecisionPass(DataType.BFloat16).Of(gradient);
        var feeds = Feeds(file, decoder, gradient);
        Compare(gradient.Forward, narrow.Forward);
        Compare(gradient.Backward, narrow.Backward);

        void Compare(OnnxGraph wide, OnnxGraph rounded)
        {
            var expected = GraphRunner.Run(wide.Lower(LoweringKind.Fused), feeds);
            var actual = GraphRunner.Run(EmulatedPrecision.Of(rounded.Lower(LoweringKind.Fused)), feeds);
            foreach (var (output, tensor) in expected.Where(e => e.Value.Type == DataType.Float32))
            {
                var (x, y) = (tensor.Numbers(), actual[output].Numbers());
                Assert.All(y, v => Assert.True(double.IsFinite(v), output));
                var (size, error) = (x.Sum(v => v * v), x.Zip(y, (a, b) => (a - b) * (a - b)).Sum());
                // Gradients of the last bias are sums of numbers that are exact.
                var least = output == FragmentPorts.Hidden ? Least : 0;
                Assert.True(Math.Sqrt(error / size) is var part && part >= least && part <= Most, $"{name} {output}: {part:g3}");
            }
        }
    }

    static OnnxFile Open(string name) => OnnxFile.Open(Testing.Repository.Find("tests", "golden", "foreign-onnx", name, "model.onnx"));

    static FragmentGradient Gradient(OnnxDecoder decoder, bool keep)
    {
        var body = decoder.Embed();
        return FragmentGradient.Build(body.Graph, [FragmentPorts.Hidden], [], body.ParameterNames.Keys, keep);
    }

    // The second row ends two tokens early. Weights are rounded, so that both compute the same function.
    static Dictionary<string, Tensor> Feeds(OnnxFile file, OnnxDecoder decoder, FragmentGradient gradient)
    {
        const int Rows = 3, Width = 7;
        var random = new Random(3);
        var sizes = new Dictionary<string, long>();
        var feeds = new Dictionary<string, Tensor>
        {
            ["input_ids"] = Ids(_ => random.Next(64)),
            ["attention_mask"] = Ids(i => i / Width == 1 && i % Width >= 5 ? 0 : 1),
            ["position_ids"] = Ids(i => i % Width),
        };
        TestGraph.Learn(sizes, gradient.Forward.Input("input_ids").Shape, [Rows, Width]);
        foreach (var input in gradient.Forward.Inputs.Concat(gradient.Backward.Inputs).Where(v => !feeds.ContainsKey(v.Name)))
        {
            var shape = input.Shape.Evaluate(sizes);
            var isGradient = input.Name == FragmentGradient.Gradient(FragmentPorts.Hidden);
            feeds.TryAdd(input.Name, file.Initializers.ContainsKey(input.Name)
                ? Tensor.Of(DataType.Float32, shape, Floats(file, input.Name).Select(v => (double)Rounded(v)))
                : Tensor.Of(DataType.Float32, shape, Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b))
                    .Select(_ => isGradient ? random.Next(-127, 128) / 128.0 : 0)));
        }

        Assert.All(decoder.Parameters.Where(p => feeds.ContainsKey(p.Name)), p => Assert.Equal(p.Shape, feeds[p.Name].Sizes));
        return feeds;

        Tensor Ids(Func<int, long> id) => new(DataType.Int64, [Rows, Width], Enumerable.Range(0, Rows * Width).Select(id).ToArray());
    }

    static float[] Floats(OnnxFile file, string name) =>
        MemoryMarshal.Cast<byte, float>(file.Read(file.Initializers[name]).Bytes).ToArray();

    // By arithmetic alone: a number plus and minus 2¹⁶ of itself has eight bits left.
    static float Rounded(float value)
    {
        var shifted = value * 65537f;
        return shifted - (shifted - value);
    }
}
