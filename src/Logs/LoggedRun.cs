using System.Text.Json;
using OrtDpo.Runs;

namespace OrtDpo.Logs;

/// <summary>What logs say of a run beside its metrics: what lies in its folder when its loop begins.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="ConfigText">Its <c>config.yaml</c>.</param>
/// <param name="Config">The same by name, in the file's order; values as a person reads them.</param>
/// <param name="Environment">Versions and machine.</param>
public sealed record LoggedRun(
    string Folder, string ConfigText, IReadOnlyList<KeyValuePair<string, string>> Config, RunEnvironment Environment)
{
    /// <summary>Reads it from the folder of a run that has begun.</summary>
    /// <exception cref="FileNotFoundException">The folder holds no run.</exception>
    /// <exception cref="InvalidDataException">A file is not as this program writes it.</exception>
    public static LoggedRun Of(string folder) => new(
        folder,
        File.ReadAllText(Path.Combine(folder, RunConfig.FileName)),
        [.. RunConfig.ReadFrom(folder).Select(entry => KeyValuePair.Create(entry.Key, Plain(entry.Value)))],
        FileJson.Read<RunEnvironment>(Path.Combine(folder, RunEnvironment.FileName)));

    /// <summary>Its metrics of the steps before those that a resumed run makes; of one that begins, none.</summary>
    /// <exception cref="InvalidDataException">A line is damaged.</exception>
    internal IEnumerable<MetricsLine> LinesUpTo(int step) => step == 0
        ? []
        : MetricsLines.Read(Path.Combine(Folder, MetricsFile.FileName)).TakeWhile(line => line["step"] <= step);

    static string Plain(string value) =>
        value.StartsWith('"') ? JsonSerializer.Deserialize<string>(value)! : value;
}
