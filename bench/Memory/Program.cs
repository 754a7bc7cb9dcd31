using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.MemoryBench;
using OrtDpo.Models;
using OrtDpo.Runs;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

// usage: OrtDpo.MemoryBench about
//        OrtDpo.MemoryBench row|write|measure|head FOLDER MODEL F32|BF16 score|keep|recompute PAIRS PROMPT COMPLETION
// write makes the model; measure plans, scores or trains three times and prints as JSON what was planned and taken; row measures in a
// process that may have 1.1 times the planned memory of its own (prlimit --data), and prints a row of the page.
// head times the head in parts against undivided, with so many scored tokens as PAIRS says. about says what all this ran on.
if (args is ["about"])
{
    var facts = MachineFacts.Read();
    Console.WriteLine(
        $"{facts.Processor}, {facts.PhysicalCores} physical cores, {facts.OperatingSystem}; "
        + $"ONNX Runtime {OrtProcess.Version}, .NET {Environment.Version}.");
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
var scores = way == "score";
if (verb == "head")
{
    Console.WriteLine(HeadTimes.Measure(path, pairs));
    return;
}

using var folder = ModelFolder.Open(path, scores ? WeightMapping.ReadOnly : WeightMapping.CopyOnWrite);
var options = new EngineOptions { Threads = 2, KeptLayers = way == "recompute" ? 0 : null };
var plan = scores ? DecoderScorer.Plan(folder, [batch]) : StepEngine.Plan(folder, options, [batch]);
if (verb == "row")
{
    Console.WriteLine(MemoryRow.Measure(args, (long)(plan.Own * 1.1)));
    return;
}

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
