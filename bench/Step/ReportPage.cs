using System.Globalization;
using System.Text;

namespace OrtDpo.StepBench;

/// <summary>The report as a page for people.</summary>
static class ReportPage
{
    static readonly Dictionary<string, string> Names = new()
    {
        ["floor"] = "floor", ["kept"] = "OrtDpo, activations kept", ["recomputed"] = "OrtDpo, recomputed",
        ["careful"] = "PyTorch, careful loop", ["plain"] = "PyTorch, plain loop",
    };

    public static string Of(Report report)
    {
        var page = new StringBuilder();
        Line($"# The training step on {report.Machine.Processor}");
        Line();
        Line($"{report.Threads} threads, {report.Machine.MemoryBytes >> 30} GiB, {report.Machine.OperatingSystem}; "
            + $"load average before: {report.LoadAverageBefore}.");
        Line($"{string.Join(", ", report.Versions.Select(v => $"{v.Key} {v.Value}"))}.");
        Line();
        Line("A step is forward, backward, clip and AdamW in float32 on 4 pairs (prompt 160, completions 64 + 64); "
            + $"the best of {report.Rounds} interleaved rounds,");
        Line("a process per loop and round. The floor is the step's products with weights alone, each at its best. "
            + "`bench/README.md` says how to repeat it.");
        foreach (var size in report.Sizes)
        {
            Section(size);
        }

        Line();
        Line("## What can be compared");
        Line();
        Line("Numbers of one page: the loops ran in turn, on the same weights, pairs and number of threads. "
            + "Seconds of different machines say little, ratios more.");
        Line("Peak memory is the process's VmHWM (the largest of the rounds), runtime and libraries included; a GB is 10⁹ bytes.");
        if (report.PytorchEnvironment.Count > 0)
        {
            Line("PyTorch's environment was tuned, since it is several times slower as it comes: "
                + "its threads spin against OpenBLAS's, memory goes back to the");
            var environment = string.Join(", ", report.PytorchEnvironment.Select(e => $"`{e.Key}={e.Value}`"));
            Line($"system after every use, and OpenBLAS may have been pinned to older kernels. It ran with {environment}.");
            Line("A PyTorch built with MKL or oneDNN multiplies faster than one with OpenBLAS and would be nearer to OrtDpo.");
        }

        return page.ToString();

        void Section(SizeReport size)
        {
            Line();
            Line($"## {size.Size}");
            Line();
            Line("| | best s | × floor | median s | best of each round | optimizer s | peak MiB | peak GB |");
            Line("|---|---|---|---|---|---|---|---|");
            foreach (var l in size.Loops)
            {
                var rounds = string.Join(", ", l.RoundSeconds.Select(s => Number(s, "0.000")));
                Line($"| {Names[l.Loop]} | {l.BestSeconds:0.000} | {l.TimesFloor:0.00} | {l.MedianSeconds:0.000} | {rounds} "
                    + $"| {Number(l.OptimizerSeconds, "0.000")} | {Number(l.PeakMib, "0")} | {Number(l.PeakGb, "0.00")} |");
            }

            Line();
            Line($"The losses of all loops are the same to {size.LargestLossDifference:0.0e0} over {size.ComparedSteps} steps.");
            foreach (var limit in size.Limits)
            {
                Line($"- {limit.What}: **{(limit.Holds ? "holds" : "does not hold")}**, {limit.Measured:0.00}.");
            }
        }

        void Line(string text = "") => page.Append(text).Append('\n');
    }

    static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
