namespace OrtDpo.Artifacts.Import;

/// <summary>What a checkpoint became.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="IsAdapter">Whether it is an adapter's, as PEFT saves one; else it is a model's.</param>
/// <param name="Trained">Parameters that were trained.</param>
/// <param name="Numbers">The numbers in them.</param>
/// <param name="Digest">The identity of the model, with its adapter, as caches and runs name it.</param>
/// <param name="Notes">What is worth to know.</param>
public sealed record ImportResult(
    string Folder, bool IsAdapter, int Trained, long Numbers, string Digest, IReadOnlyList<string> Notes);
