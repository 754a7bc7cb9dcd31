using System.Diagnostics;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Planning;

/// <summary>
/// Memory and time before anything runs: scorer and engine go through the largest batches of the real rows without memory and numbers, then
/// one micro-batch runs.
/// </summary>
public static class PlanStage
{
    // Longer ones are nobody's, and each length is a plan of its own.
    const int LongestAsked = 1 << 17;

    /// <summary>Plans.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or no row is left.</exception>
    /// <exception cref="NotSupportedException">The model or the rows are of a kind that is not read.</exception>
    public static RunPlan Run(PlanRequest request)
    {
        var tokenizer = ModelTokenizer.Load(request.Model);
        var rows = Rows(request, tokenizer, out var kind, out var maxLength);
        using var folder = Policy.OpenFolder(request.Model, request.Lora, request.Adapter, request.Base, request.Options.Seed);
        folder.FixMaxLength(maxLength);
        var (device, budget) = Place(request);
        // What engines may take beside the stage.
        var left = device.Device.IsHost ? budget.Free - MemoryUse.Stage - tokenizer.Bytes : budget.Free;
        var layout = folder.Model.Layout;
        var training = Policy.Options(request.Options, folder);
        var options = new EngineOptions
        {
            Device = device.Device, Dtype = request.Dtype, Threads = request.Threads, MaxLength = maxLength,
            Optimizer = request.Optimizer,
        };
        var batches = LargestBatches.Of(rows, training, layout, StepEngine.MostWhole(folder.Model, options));
        var memory = EngineMemory.Choose(folder, options, request.Memory, request.Offload, batches, budget, tokenizer.Bytes);
        options = options with { KeptLayers = memory.KeptLayers, Offload = memory.Offload };
        return new RunPlan(
            rows.Count, rows.Max(row => row.Tokens.PositionsIn(layout)), maxLength,
            kind == RowKind.Supervised ? null : Scoring(request, maxLength, rows, budget, tokenizer.Bytes),
            device,
            memory,
            LargestMicroPairs(folder, options, rows, request.Options.BatchPairs, left),
            LongestPair(folder, options with { KeptLayers = 0 }, Math.Min(maxLength, LongestAsked), left),
            request.Measure && request.GpuMemory is null && memory.Fits ? Measured(folder, options, rows, batches, training) : null);
    }

    static (ChosenDevice Device, MemoryBudget Budget) Place(PlanRequest request)
    {
        if (request.GpuMemory is not { } bytes)
        {
            var device = request.Device.Open(request.Threads, request.Optimizer.OnCpuAlone()).Computing(request.Dtype);
            return (device, MemoryBudget.Of(device.Device));
        }

        if (request.Device == DeviceChoice.Cpu)
        {
            throw new NotSupportedException(
                $"`GpuMemory` is {MemoryText.Of(bytes)}, and `Device` is {request.Device}. Plan for a GPU with `Device` cuda.");
        }

        if (request.Optimizer.OnCpuAlone() is { } reason)
        {
            throw new NotSupportedException($"{reason}, and `GpuMemory` plans for a GPU. Give one of them up.");
        }

        return (new ChosenDevice(Device.PlannedCuda, WhyNot: null), new MemoryBudget(Device.PlannedCuda, bytes, MachineMemory.Available()));
    }

    static List<TrainingRow> Rows(PlanRequest request, ModelTokenizer tokenizer, out RowKind kind, out int maxLength)
    {
        kind = RowFile.KindOf(request.Data.AllFiles);
        maxLength = MaxLengthChoice.Of(ModelFolder.ModelOf(request.Model), request.Data.MaxLength).MaxLength;
        var encoder = ExampleEncoder.Of(request.Model, tokenizer, request.Data, maxLength);
        var prepared = ExamplePreparation.Prepare(kind, request.Data, encoder, Shard.Whole);
        return [.. prepared.Examples.Where(example => example.Split == Split.Train).Select(
            example => new TrainingRow([], example.Tokens, Reference: null, example.Source, example.SourceRow))];
    }

    // Batches as the plan of a cache cuts them.
    static ForwardMemory Scoring(PlanRequest request, int maxLength, List<TrainingRow> rows, MemoryBudget budget, long tokenizer)
    {
        using var folder = ModelFolder.Open(request.Model, request.Adapter, WeightMapping.ReadOnly, request.Base);
        folder.FixMaxLength(maxLength);
        var batches = LongestBatches.Of([.. rows.Select(row => row.Tokens)], ScoringPlan.DefaultBatchTokens, folder.Model.Layout);
        return DecoderScorer.Choose(folder, batches, budget, request.Offload, request.Dtype, tokenizer);
    }

    static int LargestMicroPairs(ModelFolder folder, EngineOptions options, List<TrainingRow> rows, int batchPairs, long available)
    {
        var longest = rows.OrderByDescending(row => row.Tokens.PositionsIn(folder.Model.Layout)).Take(batchPairs).ToList();
        return Largest(1, longest.Count, count => StepEngine.Plan(
            folder, options, [MicroBatch.Of(longest[..count], folder.Model.Layout).Packed]).Own <= available);
    }

    // In steps of 64 tokens of each third.
    static int LongestPair(ModelFolder folder, EngineOptions options, int maxLength, long available)
    {
        const int Step = 64;
        return 3 * Step * Largest(1, Math.Max(1, maxLength / 2 / Step), steps =>
        {
            int[] tokens = [.. Enumerable.Repeat(0, steps * Step)];
            var batch = ExamplePacking.Pack([Example.Pair(tokens, tokens, tokens)], folder.Model.Layout);
            return batch.PositionIds.Max() < folder.Model.Sizes.MaxPositions && StepEngine.Plan(folder, options, [batch]).Own <= available;
        });
    }

    // The largest number up to most that fits, where smaller ones fit too; 0: not even the least.
    static int Largest(int least, int most, Func<int, bool> fits)
    {
        var (known, refused) = (least - 1, most + 1);
        while (known + 1 < refused)
        {
            var middle = (known + refused) / 2;
            if (fits(middle))
            {
                known = middle;
            }
            else
            {
                refused = middle;
            }
        }

        return known;
    }

    static PlanTime Measured(
        ModelFolder folder, EngineOptions options, List<TrainingRow> rows, IReadOnlyList<PackedBatch> batches, TrainingOptions training)
    {
        using var engine = StepEngine.Of(folder, options);
        // Loads the sessions.
        var shortest = rows.MinBy(row => row.Tokens.Length)!;
        engine.Accumulate(MicroBatch.Of([shortest], folder.Model.Layout).Packed, logps => logps);
        var start = Stopwatch.GetTimestamp();
        engine.Accumulate(batches[0], logps => logps);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var all = rows.Sum(row => (double)row.Tokens.Length);
        var epoch = all * seconds / batches[0].Tokens;
        return new PlanTime(
            batches[0].Tokens, seconds, epoch * Math.Min(1, (double)training.BatchPairs / rows.Sum(row => row.Terms)), epoch);
    }
}
