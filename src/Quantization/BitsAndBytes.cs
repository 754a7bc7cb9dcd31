using System.Runtime.InteropServices;

namespace OrtDpo.Quantization;

/// <summary>Reads the nf4 weights of checkpoints that bitsandbytes wrote (its functional.py and backends/default/ops.py).</summary>
public static class BitsAndBytes
{
    /// <summary>The name that <see cref="QuantizedForm.Quantizer"/> has for such matrices.</summary>
    public const string Quantizer = "bitsandbytes";

    // Levels that went through 16 bits would be farther off.
    const float LevelTolerance = 1e-6f;

    /// <summary>
    /// The matrix in 4 bits: its codes as they lie in the checkpoint, its scales as float32. Scales that are quantized themselves (QLoRA's
    /// double quantization) are map[code] · absmax of their block + offset, rounded to float32 after each step as bitsandbytes does.
    /// </summary>
    /// <remarks>
    /// bitsandbytes rounds the dequantised weights to the dtype of the original model, such as bfloat16;
    /// <see cref="QuantizedMatrix.DequantiseRows"/> leaves them as float32.
    /// </remarks>
    /// <param name="buffers">The bytes of the checkpoint's tensors; the codes are viewed, not copied.</param>
    /// <exception cref="InvalidDataException">
    /// The state is not of nf4 or says what cannot be, or a buffer has another length or other numbers than the state says.
    /// </exception>
    /// <exception cref="NotSupportedException">The codes take more bytes than one buffer has.</exception>
    public static QuantizedMatrix Read(BitsAndBytesBuffers buffers)
    {
        var name = buffers.Name;
        var state = BitsAndBytesState.Read(buffers.State, $"Tensor '{name}.quant_state.bitsandbytes__nf4'");
        var layout = QuantizedLayout.Of(QuantizedFormat.Nf4, state.Block, state.Rows, state.Columns);
        RequireLength(buffers.Codes, layout.CodeBytes, name);
        RequireLength(buffers.QuantMap, Nf4.Levels.Length * sizeof(float), $"{name}.quant_map");
        RequireLevels(MemoryMarshal.Cast<byte, float>(buffers.QuantMap.Span), $"{name}.quant_map");
        var scales = state.NestedBlock is { } nestedBlock
            ? Unnested(buffers, (int)layout.Scales[0], nestedBlock, state.NestedOffset)
            : buffers.AbsMax;
        RequireLength(scales, layout.ScaleBytes, $"{name}.absmax");
        RequireScales(MemoryMarshal.Cast<byte, float>(scales.Span), $"{name}.absmax");
        var form = new QuantizedForm(QuantizedFormat.Nf4, state.Block, ScaleRounding.None, Quantizer);
        return new QuantizedMatrix(form, state.Rows, state.Columns, buffers.Codes, scales);
    }

    static byte[] Unnested(BitsAndBytesBuffers buffers, int count, int nestedBlock, float offset)
    {
        RequireLength(buffers.AbsMax, count, $"{buffers.Name}.absmax");
        RequireLength(buffers.NestedQuantMap, 256 * sizeof(float), $"{buffers.Name}.nested_quant_map");
        var nestedBlocks = (int)((count + (long)nestedBlock - 1) / nestedBlock);
        RequireLength(buffers.NestedAbsMax, nestedBlocks * sizeof(float), $"{buffers.Name}.nested_absmax");
        var codes = buffers.AbsMax.Span;
        var map = MemoryMarshal.Cast<byte, float>(buffers.NestedQuantMap.Span);
        var absMax = MemoryMarshal.Cast<byte, float>(buffers.NestedAbsMax.Span);
        var bytes = new byte[count * sizeof(float)];
        var scales = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (var i = 0; i < count; i++)
        {
            scales[i] = (map[codes[i]] * absMax[i / nestedBlock]) + offset;
        }

        return bytes;
    }

    static void RequireLength(ReadOnlyMemory<byte> buffer, int bytes, string name)
    {
        if (buffer.Length != bytes)
        {
            throw new InvalidDataException(
                $"Tensor '{name}' has {buffer.Length} bytes; expected {bytes}, as the shape and block sizes of its quant_state say. "
                + "Get the checkpoint again.");
        }
    }

    static void RequireLevels(ReadOnlySpan<float> map, string name)
    {
        for (var i = 0; i < map.Length; i++)
        {
            if (!(MathF.Abs(map[i] - Nf4.Levels[i]) <= LevelTolerance))
            {
                throw new InvalidDataException(FormattableString.Invariant(
                    $"Tensor '{name}' has {map[i]} for code {i}; nf4 has {Nf4.Levels[i]}. ")
                    + "Quantize the original model, or use it as it is.");
            }
        }
    }

    static void RequireScales(ReadOnlySpan<float> scales, string name)
    {
        for (var i = 0; i < scales.Length; i++)
        {
            if (!float.IsFinite(scales[i]))
            {
                throw new InvalidDataException(FormattableString.Invariant(
                    $"Tensor '{name}' gives {scales[i]} for block {i}; expected finite scales. Get the checkpoint again."));
            }
        }
    }
}
