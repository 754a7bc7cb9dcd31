using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrtDpo.Adapters;
using OrtDpo.Batches;
using OrtDpo.MemoryBench;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

// usage: OrtDpo.MemoryBench about
//        OrtDpo.MemoryBench products ROWS OUT IN
//        OrtDpo.MemoryBench row|write|measure|head FOLDER MODEL F32|BF16 WAY PAIRS PROMPT COMPLETION
// WAY is score, keep, recompute, or lora (rank 16, recomputed); the first and the last also with -nf4, -int4, as in lora-nf4.
// write makes the model; measure plans, scores or trains three times and prints as JSON what was planned and taken; row measures in a
// process that may have 1.1 times the planned memory of its own (prlimit --data), and prints a row of the page.
// products times products with a matrix in 4 bits by its float32 copy and by ONNX Runtime's operators.
// head times the head in parts against undivided, with so many scored tokens as PAIRS says. about says what all this ran on.
if (args is ["about"])
{
    var facts = MachineFacts.Read();
    Console.WriteLine(
        $"{facts.Processor}, {facts.PhysicalCores} physical cores, {facts.OperatingSystem}; "
        + $"ONNX Runtime {OrtProcess.Version}, .NET {Environment.Version}.");
    return;
}

if (args is ["products", var rows, var outputs, var inputs])
{
    int Size(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    Console.WriteLine(QuantizedTimes.Measure(Size(rows), Size(outputs), Size(inputs)));
    return;
}

var (verb, root, name, type, way) = (args[0], args[1], args[2], Enum.Parse<WeightType>(args[3]), args[4]);
var numbers = args[5..8].Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
var (pairs, prompt, completion) = (numbers[0], numbers[1], numbers[2]);
var path = Path.Combine(root, $"{name}-{type}");
if (verb == "write")
{
    MemoryModel.Write(path, name, type);
    return;
}

var random = new Random(3);
int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(3, 30_000))];
var batch = ExamplePacking.Pack(
    [.. Enumerable.Range(0, pairs).Select(_ => Example.Pair(Tokens(prompt), Tokens(completion), Tokens(completion)))]);
var (kind, weights) = way.Split('-') is [var before, var form] ? (before, new BaseWeights(form)) : (way, BaseWeights.AsStored);
var (scores, adapts) = (kind == "score", kind == "lora");
if (verb == "head")
{
    Console.WriteLine(HeadTimes.Measure(path, pairs));
    return;
}

using var folder = ModelFolder.Open(
    path, adapter: null, scores || adapts ? WeightMapping.ReadOnly : WeightMapping.CopyOnWrite, weights);
if (adapts)
{
    ModelAdapter.Begin(folder, new LoraConfig { Rank = 16, Alpha = 32, TargetModules = ModuleChoice.AllLinear }, seed: 1);
}

var options = new EngineOptions { Threads = 2, KeptLayers = kind == "keep" ? null : 0 };
var plan = scores ? DecoderScorer.Plan(folder, [batch]) : StepEngine.Plan(folder, options, [batch]);
if (verb == "row")
{
    Console.WriteLine(MemoryRow.Measure(args, (long)(plan.Own * 1.1)));
    return;
}

OrtProcess.Start(threads: 2);
folder.Quantized?.Prepare(threads: 2);
LoadedMemory.Trim();
var best = double.MaxValue;
if (scores)
{
    using var scorer = DecoderScorer.Of(folder, 2);
    Repeat(() => scorer.Score(batch));
}
else
{
    using var engine = StepEngine.Of(folder, options);
    var step = 0;
    Repeat(() =>
    {
        engine.Accumulate(batch, logps => [.. logps.Select(_ => 1e-3f)]);
        engine.Apply(new OptimizerStep(++step, 1e-6f, 1, 0));
    });
}

Print(plan, best);

void Repeat(Action action)
{
    for (var i = 0; i < 3; i++)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}

void Print(MemoryUse plan, double seconds) => Console.WriteLine(JsonSerializer.Serialize(
    new MemoryRow(plan.Own, plan.Total, MachineMemory.Own("VmHWM"), seconds)));
