using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Precision;

/// <summary>A whole layer with adapters, emulated in bfloat16, beside the same in float32.</summary>
[Trait("Speed", "native")]
public sealed class EmulatedLayerTests
{
    // A rounding is off by 2⁻⁸ / √3 · 0.74 = 0.0017 of its number in the mean square, and less than a hundred follow each other, which
    // together make 0.017 where they are independent; scores and norms of sixteen features amplify some.
    const double Most = 0.05, Least = 0.001;

    static readonly Dictionary<string, long> Sizes = new() { ["B"] = 2, ["S"] = 6 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_output_and_gradient_is_off_by_roundings_alone(bool keep)
    {
        var layer = PrecisionCases.Layer();
        string[] adapted = ["q.weight", "gate.weight", "down.weight"];
        var graph = LowRankTerm.AddTo(layer, adapted.ToDictionary(w => w, _ => new LowRankTerm(2, 0.5)));
        string[] adapters = [.. adapted.SelectMany(w => new[] { LowRankTerm.A(w), LowRankTerm.B(w) })];
        string[] trained = [.. layer.ParameterNames.Keys, .. adapters];
        var gradient = FragmentGradient.Build(graph, [FragmentPorts.HiddenOut], [FragmentPorts.Hidden], trained, keep);
        var narrow = new PrecisionPass(DataType.BFloat16, adapters).Of(gradient);

        var feeds = Feeds(gradient);
        var expected = Run(gradient, feeds, g => g);
        var actual = Run(narrow, feeds, graph => EmulatedPrecision.Of(graph));
        Assert.Equal(trained.Length + 2, expected.Count);
        foreach (var (name, tensor) in expected)
        {
            var (x, y) = (tensor.Numbers(), actual[name].Numbers());
            Assert.All(y, v => Assert.True(double.IsFinite(v), name));
            var error = Math.Sqrt(x.Zip(y, (a, b) => (a - b) * (a - b)).Sum() / x.Sum(a => a * a));
            Assert.True(error is > Least and < Most, $"{name}: {error:g3}");
        }
    }

    static Dictionary<string, Tensor> Run(
        FragmentGradient gradient, Dictionary<string, Tensor> feeds, Func<OnnxGraph, OnnxGraph> emulated)
    {
        var all = new Dictionary<string, Tensor>(feeds);
        var forward = GraphRunner.Run(emulated(gradient.Forward.Lower(LoweringKind.Fused)), feeds);
        foreach (var name in gradient.Saved)
        {
            all[name] = forward[name];
        }

        var results = GraphRunner.Run(emulated(gradient.Backward.Lower(LoweringKind.Fused)), all).ToDictionary();
        results.Add(FragmentPorts.HiddenOut, forward[FragmentPorts.HiddenOut]);
        return results;
    }

    // Numbers that bfloat16 has, so that both compute the same function; the mask hides all keys of one query, as of padding.
    static Dictionary<string, Tensor> Feeds(FragmentGradient gradient)
    {
        var random = new Random(5);
        var feeds = new Dictionary<string, Tensor>();
        foreach (var input in gradient.Forward.Inputs.Concat(gradient.Backward.Inputs).Where(v => !gradient.Saved.Contains(v.Name)))
        {
            var sizes = input.Shape.Evaluate(Sizes);
            var count = (int)sizes.Aggregate(1L, (a, b) => a * b);
            feeds.TryAdd(input.Name, input.Name switch
            {
                FragmentPorts.PositionIds => new(DataType.Int64, sizes, Enumerable.Range(0, count).Select(i => (long)(i % 6)).ToArray()),
                FragmentPorts.Mask => Reals(i => i % 6 > i / 6 % 6 || i / 6 == 2 ? -1e30 : 0),
                "norm.weight" or "ln.weight" => Reals(_ => 1 + (random.Next(-32, 32) / 128.0)),
                _ when input.Name.EndsWith("_grad.in", StringComparison.Ordinal) => Reals(_ => 0),
                _ => Reals(_ => random.Next(-127, 128) / 256.0),
            });

            Tensor Reals(Func<int, double> number) => Tensor.Of(DataType.Float32, sizes, Enumerable.Range(0, count).Select(number));
        }

        return feeds;
    }
}
