using OrtDpo.Export.Adapters;
using OrtDpo.Models.Import;
using OrtDpo.Runs;

namespace OrtDpo.Export.Verification;

/// <summary>
/// Whether an exported folder is as it was written: every file against its manifest, and adapters, which may have been added, against the
/// base.
/// </summary>
/// <param name="Folder">The folder.</param>
/// <param name="Kind">What it is: <c>onnx</c>, <c>adapters</c> or <c>hf</c>.</param>
/// <param name="Files">Files that the manifest names.</param>
/// <param name="Adapters">Adapters that were held against the base.</param>
/// <param name="Faults">What is not right, in sentences that each name a file.</param>
/// <param name="Notes">What lies there beside, and is not the export's.</param>
public sealed record ExportVerification(
    string Folder, string Kind, int Files, int Adapters, IReadOnlyList<string> Faults, IReadOnlyList<string> Notes)
{
    /// <summary>Whether there is no fault.</summary>
    public bool Ok => Faults.Count == 0;

    /// <summary>Whether a folder is an export, be it that its manifest is missing.</summary>
    public static bool IsExport(string folder) =>
        ExportManifest.IsIn(folder) || (File.Exists(Path.Combine(folder, OnnxFile.FileName)) && !RunAudit.IsRun(folder));

    /// <summary>Reads every file, in parts, and holds it against the manifest.</summary>
    /// <param name="folder">The export.</param>
    /// <exception cref="InvalidDataException">There is no manifest, or it is damaged or of another version.</exception>
    public static ExportVerification Of(string folder)
    {
        if (!File.Exists(Path.Combine(folder, ExportManifest.FileName)))
        {
            throw new InvalidDataException($"{folder} has no {ExportManifest.FileName}, which every export has: it was removed, or another "
                + "program wrote the folder. Export again.");
        }

        var manifest = ExportManifest.Read(folder);
        var checks = manifest.Outputs.Select(output => (Path: Path.Combine(folder, output.Key), output.Value))
            .Select(output => (output.Path, Fault: Fault(output.Path, output.Value))).Where(check => check.Fault is not null).ToList();
        var faults = checks.Select(check => check.Fault!).ToList();
        var adapters = 0;
        // Of a model that changed, nothing more can be said, and of an adapter that did not more than that.
        if (AdapterVerification.IsExport(folder) && !checks.Exists(check => check.Path == Path.Combine(folder, OnnxFile.FileName)))
        {
            var found = AdapterVerification.Of(folder);
            adapters = found.Adapters;
            faults.AddRange(found.Faults.Where(fault => !checks.Exists(c => fault.StartsWith(c.Path, StringComparison.Ordinal))));
        }

        return new ExportVerification(folder, manifest.Kind, manifest.Outputs.Count, adapters, faults, [.. Others(folder, manifest)]);
    }

    static string? Fault(string path, string sha256) =>
        !File.Exists(path) ? $"{path} is missing, which the export's manifest names. Export again."
        : FileDigest.OfFile(path) is var found && found != sha256
                ? $"{path} is damaged or was changed: its SHA-256 is {found[..12]}… and the export's manifest says {sha256[..12]}…. "
                    + "Export again."
        : null;

    // Adapters of other exports are held against the base.
    static IEnumerable<string> Others(string folder, ExportManifest manifest) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(path => ExportManifest.NameIn(folder, path))
            .Where(name => name != ExportManifest.FileName && !manifest.Outputs.ContainsKey(name)
                && !name.StartsWith(AdapterExport.FolderName + "/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => $"{Path.Combine(folder, name)} is not of the export");
}
