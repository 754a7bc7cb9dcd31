namespace OrtDpo.Artifacts.Graphs;

/// <summary>Artifacts that were written.</summary>
/// <param name="Folder">Where they lie.</param>
/// <param name="Manifest">What they are.</param>
/// <param name="Files">Their files with their sizes in bytes, by name.</param>
/// <param name="MaxLengthReason">Why the longest sequence is what it is; null: the caller said so.</param>
/// <param name="Notes">What a reader should know of them.</param>
public sealed record ArtifactResult(
    string Folder, ArtifactManifest Manifest, IReadOnlyList<(string Name, long Bytes)> Files, string? MaxLengthReason,
    IReadOnlyList<string> Notes);
