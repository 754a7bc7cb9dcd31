using System.Text.Json.Serialization;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>
/// What a run's metrics say about it, in words; <c>diagnosis.json</c>. It follows from <c>metrics.jsonl</c> and <see cref="Facts"/> alone.
/// </summary>
public sealed record Diagnosis
{
    public const string FileName = "diagnosis.json";

    public const string CurrentFormat = "ortdpo-diagnosis-1";

    public required string Format { get; init; }

    /// <summary>The last step that was looked at.</summary>
    public required int Step { get; init; }

    /// <summary>Lines of steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Lines of evaluations.</summary>
    public required int Evaluations { get; init; }

    /// <summary>Whether the run had come to its end.</summary>
    public required bool Ended { get; init; }

    /// <summary>What was known of the run beside its metrics.</summary>
    public required DiagnosisFacts Facts { get; init; }

    /// <summary>All that was found, in the order in which it first held; some may hold no longer.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What could not be found, with the reason, behind "not judged:".</summary>
    public required IReadOnlyList<string> NotJudged { get; init; }

    /// <summary>What still holds.</summary>
    [JsonIgnore]
    public IEnumerable<Finding> Holding => Findings.Where(finding => finding.Holds);

    /// <summary>The diagnosis of a run, while it goes on or after its end.</summary>
    /// <param name="lines">Its metrics, in the order of <c>metrics.jsonl</c>, as <see cref="MetricsLines.Read"/> gives them.</param>
    /// <param name="facts">What is known of the run; of a run with a diagnosis those of its file.</param>
    /// <param name="ended">Whether it has come to its end: some things can be said only then.</param>
    public static Diagnosis Of(IEnumerable<MetricsLine> lines, DiagnosisFacts facts, bool ended)
    {
        var running = new RunningDiagnosis(facts);
        running.Begin();
        foreach (var line in lines)
        {
            running.Add(line);
        }

        if (ended)
        {
            running.End();
        }

        return running.Now;
    }

    /// <summary>Reads that of the run in <paramref name="folder"/>; null: it has none.</summary>
    /// <exception cref="InvalidDataException">The file is no diagnosis, or of another version.</exception>
    public static Diagnosis? ReadFrom(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        var diagnosis = FileJson.Read<Diagnosis>(path);
        return diagnosis.Format == CurrentFormat
            ? diagnosis
            : throw new InvalidDataException(
                $"{path} is of format '{diagnosis.Format}'; this program reads '{CurrentFormat}'. Read it with the version that wrote it.");
    }

    /// <summary>Writes it into the run's folder, atomically.</summary>
    public void Write(string folder) => FileJson.Write(Path.Combine(folder, FileName), this);
}
