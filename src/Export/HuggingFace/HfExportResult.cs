namespace OrtDpo.Export.HuggingFace;

/// <summary>A run's policy as a folder for Hugging Face's hosts.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Checkpoint">The checkpoint that it was made from.</param>
/// <param name="Files">Files of weights.</param>
/// <param name="Bytes">Bytes of the weights.</param>
/// <param name="Digest">The identity of the model, as reference caches and runs name it: what was read back has it.</param>
/// <param name="Dtype">What the weights are stored in.</param>
/// <param name="IsDtypeOfBase">Whether that is what the run's base was stored in, and nothing else was asked for.</param>
/// <param name="IsHeldOut">Whether it was compared on held-out rows, and not, for want of them, on training rows.</param>
/// <param name="Parity">How far what was read back is from what was to be stored, and what storing did.</param>
public sealed record HfExportResult(
    string Folder, string Checkpoint, int Files, long Bytes, string Digest, string Dtype, bool IsDtypeOfBase, bool IsHeldOut,
    ParityReport Parity);
