namespace OrtDpo.Quantization;

/// <summary>One tensor of a quantized matrix, as a safetensors file holds it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DType">The format's name of its element type: <c>U8</c> or <c>F32</c>.</param>
/// <param name="Shape">The dimensions, slowest first.</param>
/// <param name="Bytes">Its elements, little-endian.</param>
public sealed record QuantizedPart(string Name, string DType, long[] Shape, ReadOnlyMemory<byte> Bytes);
