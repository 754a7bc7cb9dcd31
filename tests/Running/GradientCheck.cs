using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Gradients;
using OrtDpo.Autodiff.Lowering;

namespace OrtDpo.Testing.Running;

/// <summary>Gradients against finite differences, and one lowering against the other.</summary>
static class GradientCheck
{
    const double Step = 1e-5;
    const string Seed = "grad_output";

    /// <summary>
    /// In float64 on the primitive lowering: ⟨gradient of ⟨u, f⟩, v⟩ equals ⟨u, (f(x + hv) − f(x − hv)) / 2h⟩ for random u and, for each
    /// input by itself, random v.
    /// </summary>
    public static void HoldsAlongRandomDirections(Func<TestGraph, Value> write, int seed)
    {
        var (g, forward, both) = Graphs(write, DataType.Float64, seed);
        var feeds = Fed(g, both);
        var gradients = GraphRunner.Run(both.Lower(LoweringKind.Primitive), feeds);
        var lowered = forward.Lower(LoweringKind.Primitive);
        foreach (var x in g.Reals)
        {
            var v = g.Direction(x);
            var difference = Along(Step) - Along(-Step);
            GraphTolerance.Check(DataType.Float64, difference / (2 * Step), gradients[GradientName(x)].Dot(v), $"{x.Name} (seed {seed})");

            double Along(double step) =>
                feeds[Seed].Dot(GraphRunner.Run(lowered, Moved(g.Feeds, x.Name, step, v))["y"]);
        }
    }

    /// <summary>In float32, the outputs and gradients of both lowerings agree.</summary>
    public static void FusedAgreesWithPrimitive(Func<TestGraph, Value> write, int seed)
    {
        var (g, _, both) = Graphs(write, DataType.Float32, seed);
        var feeds = Fed(g, both);
        var primitive = GraphRunner.Run(both.Lower(LoweringKind.Primitive), feeds);
        var fused = GraphRunner.Run(both.Lower(LoweringKind.Fused), feeds);
        foreach (var (name, expected) in primitive)
        {
            GraphTolerance.Check(DataType.Float32, expected, fused[name], $"{name} (seed {seed})");
        }
    }

    /// <summary>The graph of f, and the graph of f with the gradients of its real inputs.</summary>
    static (TestGraph Test, OnnxGraph Forward, OnnxGraph Both) Graphs(Func<TestGraph, Value> write, DataType type, int seed)
    {
        var g = new TestGraph(type, seed);
        var y = write(g);
        g.Measure(y);
        var forward = g.B.Build([("y", y)]);
        var gradOutput = g.B.Input(Seed, type, y.Shape);
        var gradients = Backpropagation.Append(g.B, [(y, gradOutput)], g.Reals);
        var outputs = g.Reals.Select(x => (GradientName(x), gradients.Total(g.B, x)!));
        return (g, forward, g.B.Build([("y", y), .. outputs]));
    }

    static Dictionary<string, Tensor> Moved(IReadOnlyDictionary<string, Tensor> feeds, string name, double step, Tensor direction) =>
        new(feeds) { [name] = feeds[name].Moved(step, direction) };

    static Dictionary<string, Tensor> Fed(TestGraph g, OnnxGraph both) => new(g.Feeds) { [Seed] = g.Direction(both.Input(Seed)) };

    static string GradientName(Value x) => $"{x.Name}_grad";
}
