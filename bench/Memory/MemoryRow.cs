using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OrtDpo.MemoryBench;

/// <summary>What one process planned and took; bytes, and the best of three in seconds.</summary>
sealed record MemoryRow(long PlannedOwn, long PlannedTotal, long Peak, double Seconds)
{
    /// <summary>A row of the page.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="limit">The most bytes of data that the process may have.</param>
    public static string Measure(string[] arguments, long limit)
    {
        var start = new ProcessStartInfo("prlimit") { RedirectStandardOutput = true };
        foreach (var argument in (string[])
            [
                $"--data={limit.ToString(CultureInfo.InvariantCulture)}", "dotnet", typeof(MemoryRow).Assembly.Location, "measure",
                .. arguments[1..],
            ])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var shape = $"| {arguments[2]} | {arguments[3]} | {arguments[4]} | {arguments[5]} × ({arguments[6]} + 2 × {arguments[7]}) |";
        return process.ExitCode == 0
            ? shape + JsonSerializer.Deserialize<MemoryRow>(printed)!.Cells(limit)
            : $"{shape} fails | | | | {limit / 1_000_000} | |";
    }

    string Cells(long limit)
    {
        var memory = $" {PlannedOwn / 1e6:0} | {PlannedTotal / 1e6:0} | {Peak / 1e6:0} | {(double)PlannedTotal / Peak:0.000} |";
        return string.Create(CultureInfo.InvariantCulture, $"{memory} {limit / 1e6:0} | {Seconds:0.00} |");
    }
}
