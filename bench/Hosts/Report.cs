using System.Globalization;
using System.Text;
using System.Text.Json;
using OrtDpo.Runs;

namespace OrtDpo.HostsBench;

/// <summary>The measurements of a machine as a page, whose table the README has too.</summary>
static class Report
{
    /// <summary>Writes <c>hosts.md</c> and <c>hosts.json</c> into the machine's folder, and returns the page's path.</summary>
    public static string Write(IReadOnlyList<Measurement> measurements, string results, string load)
    {
        var machine = MachineFacts.Read();
        var folder = Path.Combine(results, Slug(machine.Processor));
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "hosts.json"), JsonSerializer.Serialize(measurements, FileJson.Options) + "\n");
        var path = Path.Combine(folder, "hosts.md");
        File.WriteAllText(path, Page(measurements, machine, load));
        return path;
    }

    static string Page(IReadOnlyList<Measurement> measurements, MachineFacts machine, string load)
    {
        var rounds = measurements.GroupBy(m => (m.Host, m.Precision)).Max(group => group.Count());
        var page = new StringBuilder();
        Line($"# The exported demo model in hosts, on {machine.Processor}");
        Line();
        Line($"{machine.PhysicalCores} cores, {machine.MemoryBytes >> 30} GiB, {machine.OperatingSystem}; load average before: {load}. "
            + $"ONNX Runtime {measurements[0].OnnxRuntime}, in both hosts with its own number of threads.");
        Line();
        Line("One sequence: a prompt of 64 tokens, and 128 tokens after it, greedily. A process loads the model and does so three times; "
            + "the first time does");
        Line($"not count, and of {rounds} interleaved rounds the best does. Memory is the most that the process had resident, .NET and "
            + "libraries included.");
        Line("`bench/README.md` says how to repeat it.");
        Line();
        Line("| weights | MB | host | load, ms | first token, ms | tokens/s | memory, MB |");
        Line("|---|---|---|---|---|---|---|");
        foreach (var group in measurements.GroupBy(m => (m.Precision, m.Host)).OrderBy(group => Order(measurements, group.Key.Precision)))
        {
            Line(string.Create(
                CultureInfo.InvariantCulture,
                $"| {group.Key.Precision} | {group.First().ModelBytes / 1e6:0.0} | {Name(group.Key.Host)} "
                + $"| {1e3 * group.Min(m => m.LoadSeconds):0} | {1e3 * group.Min(m => m.FirstTokenSeconds):0.0} "
                + $"| {group.Max(m => m.TokensPerSecond):0} | {group.Max(m => m.PeakBytes) / 1e6:0} |"));
        }

        return page.ToString();

        void Line(string text = "") => page.Append(text).Append('\n');
    }

    static string Slug(string processor)
    {
        var words = string.Concat(processor.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' '));
        return string.Join('-', words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    static string Name(string host) => host == "genai" ? "GenAI" : "ONNX Runtime";

    // As they were measured first.
    static int Order(IReadOnlyList<Measurement> measurements, string precision) =>
        measurements.Index().First(m => m.Item.Precision == precision).Index;
}
