namespace OrtDpo.Export.Adapters;

/// <summary>An exported adapter.</summary>
/// <param name="File">The path of its <c>.onnx_adapter</c> file.</param>
/// <param name="Checkpoint">The checkpoint that it was made from.</param>
/// <param name="Bytes">The file's size.</param>
/// <param name="IsHeldOut">Whether it was compared on held-out rows, and not, for want of them, on training rows.</param>
/// <param name="Parity">How far the exported model with it is from the run's policy.</param>
public sealed record ExportedAdapter(string File, string Checkpoint, long Bytes, bool IsHeldOut, ParityReport Parity);
