using System.Diagnostics;
using OrtDpo.Autodiff.Building;
using OrtDpo.Models.Families;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.StepBench;

/// <summary>
/// The floor of a training step: every matrix product with a weight, forward, by input and by weight, each alone and at its best, added up.
/// Attention's products, norms and everything elementwise are left out.
/// </summary>
static class Floor
{
    public static Measurement Measure(string folder, int threads)
    {
        OrtProcess.Start(threads);
        var config = LlamaConfig.Read(Path.Combine(folder, "config.json"));
        var pairs = BenchPairs.Read(folder).Tokens;
        var (tokens, scored) = (pairs.Sum(p => p.Length), pairs.Sum(p => p.Completions[0].Length + p.Completions[1].Length));
        var (h, i, v) = (config.HiddenSize, config.IntermediateSize, config.VocabSize);
        var (q, kv) = (config.NumAttentionHeads * config.HeadDim, config.NumKeyValueHeads * config.HeadDim);
        var l = config.NumHiddenLayers;
        (int Rows, int In, int Out, int Count)[] products =
            [(tokens, h, q, l), (tokens, h, kv, 2 * l), (tokens, q, h, l), (tokens, h, i, 2 * l), (tokens, i, h, l), (scored, h, v, 1)];
        var (seconds, flops) = (0.0, 0.0);
        foreach (var (rows, inner, outer, count) in products)
        {
            seconds += count
                * (Time(rows, inner, outer, "forward") + Time(rows, inner, outer, "by input") + Time(rows, inner, outer, "by weight"));
            flops += 3.0 * 2 * rows * inner * outer * count;
        }

        return new(Path.GetFileName(folder), "floor", threads, [seconds], Measurement.OrtDpoVersions, Gflops: flops / seconds / 1e9);
    }

    // Y = X Wᵀ, dX = dY W, dW += dYᵀ X: one node a session, since a session runs every node that it has.
    static double Time(int rows, int inner, int outer, string kind)
    {
        using var pool = new MemoryPool();
        var x = (Name: "x", Shape: new Shape(rows, inner));
        var w = (Name: "w", Shape: new Shape(outer, inner));
        var y = (Name: "y", Shape: new Shape(rows, outer));
        var b = new GraphBuilder("product");
        Value In((string Name, Shape Shape) tensor) => b.Input(tensor.Name, DataType.Float32, tensor.Shape);
        var result = kind switch
        {
            "forward" => b.Linear(In(x), In(w)),
            "by input" => b.MatMul(In(y), In(w)),
            _ => b.Gemm(In(y), In(x), In(w), transA: true),
        };
        using var session = new GraphSession(b.Build([("result", result)]));
        var inputs = session.Graph.Inputs.ToDictionary(i => i.Name, DeviceTensor (i) => Filled(pool, i.Shape));
        using var output = HostTensor.Rent(pool, DataType.Float32, result.Shape.Evaluate(new Dictionary<string, long>()));
        var bound = new Dictionary<string, DeviceTensor> { ["result"] = output };
        var best = double.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var start = Stopwatch.GetTimestamp();
            session.Run(inputs, pool, bound);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        inputs.DisposeAll();
        return best;
    }

    static HostTensor Filled(MemoryPool pool, Shape shape)
    {
        var tensor = HostTensor.Rent(pool, DataType.Float32, shape.Evaluate(new Dictionary<string, long>()));
        tensor.Span<float>().Fill(0.01f);
        return tensor;
    }
}
