using System.Text.Json;

namespace OrtDpo.Runs;

/// <summary>
/// What is wrong with a finished run: its files against its manifest, its manifest against its configuration and its cache.
/// </summary>
/// <param name="Files">Files that the manifest names.</param>
/// <param name="Faults">Each a sentence that names a file; none = every byte is as it was written.</param>
/// <param name="Notes">What could not be compared.</param>
public sealed record RunAudit(int Files, IReadOnlyList<string> Faults, IReadOnlyList<string> Notes)
{
    // The names of a run's inputs, and of the same digests in its configuration.
    static readonly string[] Digests = ["cache", "chat_template", "end_ids", "policy", "reference", "tokenizer"];

    /// <summary>Whether <paramref name="folder"/> holds a finished run.</summary>
    public static bool IsRun(string folder) => File.Exists(Path.Combine(folder, RunManifest.FileName));

    /// <summary>Reads every file that the manifest of <paramref name="folder"/> names.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="cacheDigest">From the folder of a reference cache to its digest; null: the cache is not looked at.</param>
    /// <exception cref="InvalidDataException">The manifest is none, or of another version.</exception>
    public static RunAudit Of(string folder, Func<string, string>? cacheDigest)
    {
        var manifest = RunManifest.Read(folder);
        var (faults, notes) = (new List<string>(), new List<string>());
        foreach (var (name, sha256) in manifest.Outputs)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                faults.Add($"{path} is missing, which the run's manifest names.");
            }
            else if (FileDigest.OfFile(path) is var found && found != sha256)
            {
                faults.Add($"{path} is damaged or was changed: its SHA-256 is {found[..12]}… and the run's manifest says {sha256[..12]}….");
            }
        }

        Inputs(folder, manifest, cacheDigest, faults, notes);
        return new RunAudit(manifest.Outputs.Count, faults, notes);
    }

    static void Inputs(
        string folder, RunManifest manifest, Func<string, string>? cacheDigest, List<string> faults, List<string> notes)
    {
        var config = RunConfig.ReadFrom(folder);
        foreach (var name in Digests)
        {
            if (manifest.Inputs.TryGetValue(name, out var digest) && config.TryGetValue($"{name}_digest", out var text)
                && JsonSerializer.Deserialize<string>(text) is var configured && configured != digest)
            {
                faults.Add($"{Path.Combine(folder, RunManifest.FileName)} names {name} {digest} and {RunConfig.FileName} {configured}.");
            }
        }

        if (cacheDigest is null || !manifest.Inputs.TryGetValue("cache", out var cache) || !config.TryGetValue("ref", out var reference))
        {
            return;
        }

        var path = JsonSerializer.Deserialize<string>(reference)!;
        if (!Directory.Exists(path))
        {
            notes.Add($"the run's cache {path} is not here, so it was not compared");
        }
        else if (cacheDigest(path) is var found && found != cache)
        {
            faults.Add($"{path} is not the cache that the run was trained on: "
                + $"its digest is {found[..12]}… and the run's manifest says {cache[..12]}….");
        }
    }
}
