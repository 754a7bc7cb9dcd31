using System.Text.Json;
using System.Text.Json.Serialization;
using OrtDpo.Runs;

namespace OrtDpo.StepBench;

/// <summary>Everything that was measured on a machine, as the files <c>step.json</c> and <c>step.md</c>.</summary>
sealed record Report(
    MachineFacts Machine, int Threads, string LoadAverageBefore, int Rounds, Dictionary<string, string> Versions,
    Dictionary<string, string> PytorchEnvironment,
    SizeReport[] Sizes, Measurement[] Measurements)
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>
    /// Writes both files into a folder of <paramref name="results"/> named for the processor, and returns the path of <c>step.md</c>.
    /// </summary>
    /// <exception cref="InvalidDataException">The measurements do not belong together.</exception>
    public static string Write(IEnumerable<Measurement> measurements, string results, string loadAverageBefore)
    {
        var report = Of([.. measurements], loadAverageBefore);
        var folder = Path.Combine(results, Slug(report.Machine.Processor));
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "step.json"), JsonSerializer.Serialize(report, Json) + "\n");
        var page = Path.Combine(folder, "step.md");
        File.WriteAllText(page, ReportPage.Of(report));
        return page;
    }

    static Report Of(Measurement[] all, string loadAverageBefore)
    {
        var threads = all.Select(m => m.Threads).Distinct().ToArray();
        if (threads.Length != 1)
        {
            throw new InvalidDataException($"Measurements with {string.Join(" and ", threads)} threads. "
                + "Expected one number of threads for all loops.");
        }

        return new(
            MachineFacts.Read(), threads[0], loadAverageBefore, all.GroupBy(m => (m.Size, m.Loop)).Min(g => g.Count()),
            all.SelectMany(m => m.Versions).DistinctBy(v => v.Key).ToDictionary(),
            all.Select(m => m.Environment).OfType<Dictionary<string, string>>().FirstOrDefault([]),
            [.. all.GroupBy(m => m.Size).Select(g => SizeReport.Of(g.Key, [.. g]))], all);
    }

    static string Slug(string processor)
    {
        var words = string.Concat(processor.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' '));
        return string.Join('-', words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
