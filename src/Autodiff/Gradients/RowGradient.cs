using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

/// <summary>
/// A gradient that touches some rows only: row i of <paramref name="Rows"/> is to be added to row <c>Indices[i]</c> of the value, or of the
/// matrix <c>[all leading dimensions, last]</c> that the value is when the rows are a matrix. Indices repeat, so whoever
/// adds must do it in sequence (ONNX Runtime's CPU scatter loses updates: docs/gradients.md).
/// </summary>
/// <param name="Indices"><c>int64 [M]</c>.</param>
/// <param name="Rows"><c>[M, …]</c>, the tail of the value's shape.</param>
public readonly record struct RowGradient(Value Indices, Value Rows);
