namespace OrtDpo.Export;

/// <summary>An exported model.</summary>
/// <param name="Model">The path of its <c>model.onnx</c>.</param>
/// <param name="Checkpoint">The checkpoint that it was made from.</param>
/// <param name="IsHeldOut">Whether it was compared on held-out rows, and not, for want of them, on training rows.</param>
/// <param name="Parity">How far it is from the policy.</param>
public sealed record ExportResult(string Model, string Checkpoint, bool IsHeldOut, ParityReport Parity);
