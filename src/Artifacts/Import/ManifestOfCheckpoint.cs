using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Artifacts.Graphs;

namespace OrtDpo.Artifacts.Import;

/// <summary>What artifacts a checkpoint is of: it carries their manifest, and their folder has it too.</summary>
static class ManifestOfCheckpoint
{
    /// <summary>The manifest; where checkpoint and folder have one, they must be the same.</summary>
    /// <param name="mapped">The checkpoint.</param>
    /// <param name="artifacts">The folder of artifacts; null: what the checkpoint carries.</param>
    /// <exception cref="FileNotFoundException">The folder has none.</exception>
    /// <exception cref="InvalidDataException">There is none, or two that differ, or it is damaged.</exception>
    public static ArtifactManifest Find(MappedCheckpoint mapped, string? artifacts)
    {
        var where = $"'{ArtifactManifest.PropertyName}' of {mapped.Path}";
        var carried = mapped.Contents.Properties.Strings.TryGetValue(ArtifactManifest.PropertyName, out var text)
            ? ArtifactManifest.Parse(text, where)
            : null;
        if (artifacts is null)
        {
            return carried ?? throw new InvalidDataException($"{mapped.Path} does not say what artifacts it is of: it has no property "
                + $"'{ArtifactManifest.PropertyName}'. "
                + "Give their folder (`Artifacts`).");
        }

        var found = ArtifactManifest.Read(artifacts);
        return carried is null || carried.ToJson() == found.ToJson()
            ? found
            : throw new InvalidDataException($"{mapped.Path} is of other artifacts than those in {artifacts}: "
                + $"{Difference(carried, found)}. Give the folder of its own, or leave it out (`Artifacts`).");
    }

    static string Difference(ArtifactManifest carried, ArtifactManifest found) =>
        carried.Model.Digest != found.Model.Digest
            ? $"their models have the digests {carried.Model.Digest[..12]}… and {found.Model.Digest[..12]}…"
        : carried.Loss != found.Loss ? $"their losses are {carried.Loss ?? "outside"} and {found.Loss ?? "outside"}"
        : $"the two {ArtifactManifest.FileName} differ";
}
