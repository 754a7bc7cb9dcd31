using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrtDpo.Core.Batches;
using OrtDpo.Core.Training;
using OrtDpo.Graph.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.StepBench;
using OrtDpo.Train.Engine;

// usage: StepBench <folder> <tiny|m30|m110> <write|floor|kept|recomputed> [steps]     one JSON line on stdout; a process per measurement
if (args is not [var root, var size, var what, ..] || !BenchModel.Names.Contains(size))
{
    Console.Error.WriteLine($"usage: StepBench <folder> <{string.Join('|', BenchModel.Names)}> <write|floor|kept|recomputed> [steps]");
    return 2;
}

var folder = Path.Combine(root, size);
BenchModel.Write(folder, size);
if (what == "write")
{
    return 0;
}

var threads = OrtProcess.PhysicalCores;
var pairs = BenchModel.Pairs(folder);
if (what == "floor")
{
    OrtProcess.Start(threads);
    var (seconds, flops) = Floor.Measure(LlamaConfig.Read(Path.Combine(folder, "config.json")), pairs.Sum(p => p.Length), pairs.Sum(p => p.Chosen.Length + p.Rejected.Length));
    Print(new { config = size, loop = "floor", best_s = seconds, gflops = flops / seconds / 1e9 });
    return 0;
}

using var engine = StepEngine.Open(folder, new EngineOptions { Threads = threads, Recompute = what == "recomputed" });
var batch = new TrainingBatch(PairPacking.Pack(pairs), new double[pairs.Length], new double[pairs.Length]);
var times = new List<(double Step, double Optimizer)>();
for (var step = 1; step <= (args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 6); step++)
{
    var start = Stopwatch.GetTimestamp();
    engine.Accumulate(batch, 1f / pairs.Length);
    var accumulated = Stopwatch.GetElapsedTime(start).TotalSeconds;
    engine.Apply(new OptimizerStep(step, 1e-5f, 1, 0));
    times.Add((accumulated, Stopwatch.GetElapsedTime(start).TotalSeconds - accumulated));
}

var peak = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
var steps = times.Select(t => t.Step + t.Optimizer).Order().ToList();
Print(new
{
    config = size, loop = $"ortdpo {what}", best_s = steps[0], median_s = steps[steps.Count / 2], optimizer_s = times.Min(t => t.Optimizer),
    peak_mb = double.Parse(peak, CultureInfo.InvariantCulture) / 1024, onnxruntime = OrtProcess.Version, threads,
});
return 0;

static void Print<T>(T line) => Console.WriteLine(JsonSerializer.Serialize(line));
