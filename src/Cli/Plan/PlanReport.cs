using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Train;
using OrtDpo.Train.Planning;

namespace OrtDpo.Cli.Plan;

/// <summary>A plan for people.</summary>
sealed class PlanReport(ProgramOutput output)
{
    public void Tell(RunPlan plan, PlanRequest request)
    {
        var training = plan.Training;
        Line($"{plan.Rows} rows to train on, the longest of {plan.LongestRow} positions; max length {plan.MaxLength}");
        DeviceLines.Tell(plan.Device, output);
        var budget = training.Budget;
        if (!budget.Device.IsHost)
        {
            Line($"memory left on {budget.Device.Name}: {MemoryText.Of(budget.Free)}");
        }

        if (request.GpuMemory is not null)
        {
            output.WriteLine("planned for a GPU that need not be in this machine (--gpu-memory); nothing ran on one");
        }

        Line($"memory left on this machine: {MemoryText.Of(budget.Host)}");
        Table(plan);
        Line($"{MemoryLines.Activations(training, request.Memory)}");
        Stage("train", training.Offload, training.Fits, training.Advice, request);
        if (plan.Scoring is { } scoring)
        {
            Stage("precompute", scoring.Offload, scoring.Fits, scoring.Advice, request);
        }

        output.WriteLine("");
        Line(plan.LargestMicroPairs == 0
            ? (FormattableString)$"not even one of the longest rows fits at once"
            : $"of the longest rows, {plan.LargestMicroPairs} fit at once (--micro-pairs; asked up to --batch-pairs)");
        Line(plan.LongestPair == 0
            ? (FormattableString)$"no pair fits, however short"
            : $"longest pair that trains by itself: {plan.LongestPair} positions (thirds of prompt and completions, --memory recompute)");
        Time(plan.Time, request);
        foreach (var advice in Advice(plan, request))
        {
            output.WriteLine($"to make it fit: {advice}");
        }
    }

    void Stage(string name, Offload offload, bool fits, string? advice, PlanRequest request)
    {
        output.WriteLine(fits ? $"{name} fits." : $"{name} does not fit.{(advice is null ? "" : " " + OptionNames.In(advice))}");
        if (MemoryLines.Offloaded(offload, request.Offload) is { } offloaded)
        {
            output.WriteLine($"  {offloaded}");
        }
    }

    void Table(RunPlan plan)
    {
        var stages = new List<(string Name, MemoryUse Use)>();
        if (plan.Scoring is { } scoring)
        {
            stages.Add(("precompute", scoring.Use));
        }

        stages.Add(("train", plan.Training.Use));
        var parts = stages.SelectMany(stage => MemoryText.All(stage.Use).Select(part => part.Name)).Distinct().ToList();
        output.WriteLine("");
        output.WriteTable([
            ["part", .. stages.Select(stage => stage.Name)],
            .. parts.Select(part => (IReadOnlyList<string>)
                [part, .. stages.Select(stage => Bytes(MemoryText.All(stage.Use).FirstOrDefault(p => p.Name == part).Bytes))]),
            .. plan.Training.Budget.Device.IsHost
                ? (IReadOnlyList<string>[])
                [
                    ["the process's own", .. stages.Select(stage => MemoryText.Of(stage.Use.Own))],
                    ["with mapped files", .. stages.Select(stage => MemoryText.Of(stage.Use.Total))],
                ]
                :
                [
                    [$"all on {plan.Training.Budget.Device.Name}", .. stages.Select(stage => MemoryText.Of(stage.Use.Own))],
                    ["the machine's beside", .. stages.Select(stage => MemoryText.Of(stage.Use.Beside))],
                ]]);
        output.WriteLine("");

        static string Bytes(long bytes) => bytes == 0 ? "-" : MemoryText.Of(bytes);
    }

    void Time(PlanTime? time, PlanRequest request)
    {
        if (time is null)
        {
            output.WriteLine(request.GpuMemory is not null ? "time: not measured, since the GPU need not be here"
                : request.Measure ? "time: not measured, since it does not fit" : "time: not measured (--no-time)");
            return;
        }

        Line($"time: a micro-batch of {time.Tokens} tokens took {time.Seconds:0.0} s ({time.Tokens / time.Seconds:0} tokens/s)");
        var minutes = time.EpochSeconds / 60;
        Line($"  so a step of {request.Options.BatchPairs} takes about {time.StepSeconds:0.0} s, an epoch {minutes:0.0} min");
    }

    static IEnumerable<string> Advice(RunPlan plan, PlanRequest request)
    {
        if (plan.Training.Fits)
        {
            yield break;
        }

        // What runs on the processor alone is no way out on another device.
        var isHost = plan.Training.Budget.Device.IsHost;
        if (request.Memory == ActivationMemory.Keep)
        {
            yield return "--memory recompute";
        }

        if (request.Lora is null && request.Adapter is null)
        {
            yield return "--lora-rank 16, an adapter in place of all weights";
        }
        else if (request.Base.IsAsStored)
        {
            yield return "--base nf4";
        }

        if (request.Optimizer == Optimizer.AdamW && isHost)
        {
            yield return $"--optimizer {Optimizer.AdamW8Bit.ConfigName()}";
        }

        if (plan.LargestMicroPairs > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"--micro-pairs {plan.LargestMicroPairs}");
        }
        else if (plan.LongestPair > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"--max-length {plan.LongestPair * 2 / 3}");
        }
        else
        {
            yield return "a smaller model: weights, gradients and moments alone take "
                + $"{(request.Optimizer == Optimizer.AdamW ? 16 : 10)} bytes a parameter";
        }
    }

    void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
