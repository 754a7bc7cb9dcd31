using OrtDpo.Runs;

namespace OrtDpo.Export.Verification;

/// <summary>
/// What an export was made from, and what it wrote; <c>manifest.json</c> of its folder. The inputs' digests are those of the run's own
/// manifest, so that a deployed file can be traced to its run, its reference and its data.
/// </summary>
public sealed record ExportManifest
{
    public const string FileName = RunManifest.FileName;

    public const string CurrentFormat = "ortdpo-export-1";

    public required string Format { get; init; }

    /// <summary>What the folder is: <c>onnx</c>, <c>adapters</c> or <c>hf</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Digests of what went in, by name.</summary>
    public required SortedDictionary<string, string> Inputs { get; init; }

    /// <summary>SHA-256 of every file, by its path within the folder, parted by slashes; of all but this one.</summary>
    public required SortedDictionary<string, string> Outputs { get; init; }

    /// <summary>Whether a folder holds the manifest of an export.</summary>
    public static bool IsIn(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) && File.ReadAllText(path).Contains($"\"{CurrentFormat}\"", StringComparison.Ordinal);
    }

    /// <summary>Reads the manifest of the export in <paramref name="folder"/>.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of another version.</exception>
    public static ExportManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var manifest = FileJson.Read<ExportManifest>(path);
        return manifest.Format == CurrentFormat
            ? manifest
            : throw new InvalidDataException(
                $"{path} is of format '{manifest.Format}'; this program reads '{CurrentFormat}'. Export again.");
    }

    /// <summary>Writes the manifest of what lies in <paramref name="folder"/>, as the last of its files.</summary>
    internal static void Write(string folder, string kind, IEnumerable<KeyValuePair<string, string>> inputs)
    {
        var outputs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            outputs.Add(NameIn(folder, path), FileDigest.OfFile(path));
        }

        FileJson.Write(Path.Combine(folder, FileName), new ExportManifest
        {
            Format = CurrentFormat, Kind = kind, Outputs = outputs,
            Inputs = new(inputs.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal),
        });
    }

    internal static string NameIn(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');
}
