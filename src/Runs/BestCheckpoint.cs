namespace OrtDpo.Runs;

/// <summary>Which checkpoint of a run is the best by a metric; <c>best.json</c>, which is there once one is.</summary>
public sealed record BestCheckpoint
{
    /// <summary>Its name in a run's folder.</summary>
    public const string FileName = "best.json";

    /// <summary>Optimizer steps of the checkpoint.</summary>
    public required int Step { get; init; }

    /// <summary>The metric, as <c>metrics.jsonl</c> has it.</summary>
    public required string Metric { get; init; }

    /// <summary>Its value after <see cref="Step"/>.</summary>
    public required double Value { get; init; }

    /// <summary>Whether higher values are better.</summary>
    public required bool GreaterIsBetter { get; init; }

    /// <summary>The checkpoint's folder, within the run's.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>That of the run in <paramref name="folder"/>; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static BestCheckpoint? Find(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? FileJson.Read<BestCheckpoint>(path) : null;
    }

    /// <summary>Writes it into the run's folder.</summary>
    public void Write(string folder) => FileJson.Write(Path.Combine(folder, FileName), this);

    /// <summary>Removes that of the run in <paramref name="folder"/>, where there is one.</summary>
    public static void Remove(string folder) => File.Delete(Path.Combine(folder, FileName));
}
