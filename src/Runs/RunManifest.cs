namespace OrtDpo.Runs;

/// <summary>
/// What went into a finished run and what came out; <c>manifest.json</c>. The inputs' digests are those under which the cache's own
/// manifest names them, so that a model can be traced to its reference and its data.
/// </summary>
public sealed record RunManifest
{
    public const string FileName = "manifest.json";

    public const string CurrentFormat = "ortdpo-run-1";

    public required string Format { get; init; }

    /// <summary>The verb that made the run: <c>train</c> or <c>sft</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Digests of what went in, by name.</summary>
    public required SortedDictionary<string, string> Inputs { get; init; }

    /// <summary>SHA-256 of what came out, by path within the run's folder.</summary>
    public required SortedDictionary<string, string> Outputs { get; init; }

    /// <summary>Reads the manifest of the run in <paramref name="folder"/>.</summary>
    /// <exception cref="InvalidDataException">The file is no manifest of a run, or of another version.</exception>
    public static RunManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var manifest = FileJson.Read<RunManifest>(path);
        return manifest.Format == CurrentFormat
            ? manifest
            : throw new InvalidDataException(
                $"{path} is of format '{manifest.Format}'; this program reads '{CurrentFormat}'. Train again.");
    }

    /// <summary>
    /// Writes the manifest of the run in <paramref name="folder"/>, whose <paramref name="outputs"/> are paths within it.
    /// </summary>
    public static void Write(string folder, string kind, SortedDictionary<string, string> inputs, IEnumerable<string> outputs)
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var output in outputs)
        {
            digests.Add(output.Replace('\\', '/'), FileDigest.OfFile(Path.Combine(folder, output)));
        }

        var manifest = new RunManifest { Format = CurrentFormat, Kind = kind, Inputs = inputs, Outputs = digests };
        FileJson.Write(Path.Combine(folder, FileName), manifest);
    }
}
