namespace OrtDpo.Quantization;

/// <summary>A weight as checkpoints of bitsandbytes hold it: the bytes of tensor <c>X</c> and of those named after it.</summary>
/// <param name="Name">X, such as <c>model.layers.0.mlp.up_proj.weight</c>; for messages.</param>
/// <param name="Codes"><c>X</c>: uint8 [⌈N·K / 2⌉, 1], two codes to a byte, the first in the high nibble.</param>
/// <param name="AbsMax"><c>X.absmax</c>: float32 [⌈N·K / block⌉], or uint8 of that shape where the scales are quantized themselves.</param>
/// <param name="QuantMap"><c>X.quant_map</c>: float32 [16], the levels.</param>
/// <param name="State"><c>X.quant_state.bitsandbytes__nf4</c>: JSON in uint8.</param>
/// <param name="NestedAbsMax"><c>X.nested_absmax</c>: float32, one for each block of scales; empty where there is none.</param>
/// <param name="NestedQuantMap"><c>X.nested_quant_map</c>: float32 [256]; empty where there is none.</param>
public sealed record BitsAndBytesBuffers(
    string Name, ReadOnlyMemory<byte> Codes, ReadOnlyMemory<byte> AbsMax, ReadOnlyMemory<byte> QuantMap, ReadOnlyMemory<byte> State,
    ReadOnlyMemory<byte> NestedAbsMax = default, ReadOnlyMemory<byte> NestedQuantMap = default);
