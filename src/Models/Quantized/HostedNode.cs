using System.Runtime.InteropServices;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models.Import;
using OrtDpo.Quantization;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Quantized;

/// <summary>
/// A node <c>com.microsoft.MatMulNBits</c> (ONNX Runtime's docs/ContribOperators.md), and the matrix that it multiplies with.
/// </summary>
/// <param name="file">The model, open while the matrix is used.</param>
/// <param name="node">The node.</param>
sealed class HostedNode(OnnxFile file, NodeProto node)
{
    public const string OpType = "MatMulNBits";

    const int CodesInput = 1;
    const int ScalesInput = 2;
    const int ZeroPointsInput = 3;
    const int GroupsInput = 4;

    const int Middle = 8;
    const string ExportAgain = "Export or fetch the model again.";

    static readonly ElementType[] ScaleTypes = [ElementType.Float, ElementType.Float16, ElementType.BFloat16];

    readonly NodeAttributes attributes = new(node);
    QuantizedMatrix? matrix;

    /// <summary>Its name, or that of its codes where it has none.</summary>
    public string Name { get; } = node.Name.Length > 0 ? node.Name : InputOf(node, CodesInput);

    /// <summary>Where its matrix belongs: its own name tells, or that of its codes; null where neither does.</summary>
    public LinearPlace? Place { get; } = LinearPlace.Of(node.Name) ?? LinearPlace.Of(InputOf(node, CodesInput));

    /// <summary>The name of its codes.</summary>
    public string Codes => InputOf(node, CodesInput);

    public long Bits => attributes.Int("bits", absent: 4);

    /// <summary>4: the host may round the product's other factor to int8.</summary>
    public long AccuracyLevel => attributes.Int("accuracy_level", absent: 0);

    /// <summary>N, the outputs.</summary>
    public int Rows => Size("N");

    /// <summary>K, the inputs.</summary>
    public int Columns => Size("K");

    /// <summary>Its matrix [N, K], in the file's memory as far as bytes there are those of <see cref="QuantizedLayout"/>.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="NotSupportedException">The matrix is in another form than int4 in blocks along K.</exception>
    public QuantizedMatrix Matrix => matrix ??= Read();

    /// <summary>The beginning of a message about this node.</summary>
    public string Where => $"{file.Path}: node '{Name}' ({OpType})";

    static string InputOf(NodeProto node, int index) => index < node.Input.Count ? node.Input[index] : "";

    QuantizedMatrix Read()
    {
        RequireInt4();
        var (rows, columns, block) = (Rows, Columns, Block());
        var format = InputOf(node, ZeroPointsInput).Length > 0 ? QuantizedFormat.Int4ZeroPoints : QuantizedFormat.Int4Symmetric;
        var layout = QuantizedLayout.Of(format, block, rows, columns);
        var zeroPoints = format == QuantizedFormat.Int4ZeroPoints ? ZeroPoints(layout) : default;
        var scales = Widened(Data(ScalesInput, "scales", layout.Scales, ScaleTypes));
        RequireFinite(MemoryMarshal.Cast<byte, float>(scales.Span), layout);
        var codes = View(Data(CodesInput, "codes", layout.Codes, [ElementType.UInt8]));
        return QuantizedRows.Matrix(
            format, block, rows, columns, Filled(codes, zeroPoints, layout, columns % block), scales, zeroPoints);
    }

    void RequireInt4()
    {
        if (Bits != 4)
        {
            throw new NotSupportedException($"{Where}: bits is {Bits}, and matrices of 4 bits are read. "
                + "Export every matrix of the layers in 4 bits, without mixed precision.");
        }

        if (attributes.Int("weight_prepacked", absent: 0) is not 0 and var layout)
        {
            throw new NotSupportedException($"{Where}: weight_prepacked is {layout}: its codes lie as one kind of GPU reads them. Expected "
                + "0, codes along K. Export with matmulnbits_weights_prepacked=0.");
        }

        if (InputOf(node, GroupsInput) is { Length: > 0 } groups)
        {
            throw new NotSupportedException($"{Where}: it has a g_idx, '{groups}', which puts columns into groups in another order. "
                + "Expected blocks of consecutive columns. Quantize the model without it (GPTQ: desc_act=false).");
        }
    }

    int Block()
    {
        var block = attributes.Int("block_size", absent: 0);
        return block is > 0 and <= BlockSize.Largest && BlockSize.IsValid((int)block)
            ? (int)block
            : throw new NotSupportedException(
                $"{Where}: block_size is {block}; expected {BlockSize.Expected}. Export with block_size=32, or 128.");
    }

    int Size(string name)
    {
        var size = attributes.Int(name, absent: 0);
        return size is > 0 and <= int.MaxValue
            ? (int)size
            : throw new InvalidDataException($"{Where}: {name} is {size}; expected the size of a matrix. {ExportAgain}");
    }

    TensorData Data(int input, string role, long[] shape, ElementType[] types)
    {
        var name = InputOf(node, input);
        if (!file.Initializers.TryGetValue(name, out var tensor))
        {
            throw new NotSupportedException($"{Where}: its {role}, '{name}', are no initializer. Expected numbers that the file holds. "
                + ExportAgain);
        }

        if (!types.Contains((ElementType)tensor.DataType))
        {
            throw new NotSupportedException(
                $"{Where}: its {role}, '{name}', are {(ElementType)tensor.DataType}; expected {string.Join(", ", types)}. "
                + (input == ZeroPointsInput ? "Quantize the model with zero points that are integers." : ExportAgain));
        }

        // Older files have fewer dimensions: all rows in one, or the blocks of a row.
        var data = file.Read(tensor);
        return data.Count == shape.Aggregate(1L, (count, size) => count * size) && (data.Shape.Length <= 1 || data.Shape[0] == shape[0])
            ? data
            : throw new InvalidDataException($"{Where}: its {role}, '{name}', are [{string.Join(", ", data.Shape)}]; expected "
                + $"[{string.Join(", ", shape)}]. {ExportAgain}");
    }

    static ReadOnlyMemory<byte> View(TensorData data) =>
        data.Address == 0 ? data.Managed : new ViewedBytes(data.Address, checked((int)data.ByteCount)).Memory;

    static ReadOnlyMemory<byte> Widened(TensorData data)
    {
        // A tensor may begin anywhere in the file; float32 is read from multiples of its size.
        if (data.Type == ElementType.Float)
        {
            return data.Address % sizeof(float) == 0 ? View(data) : data.Bytes.ToArray();
        }

        var bytes = new byte[data.Count * sizeof(float)];
        var wide = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        if (data.Type == ElementType.Float16)
        {
            FloatWidening.FromFloat16(MemoryMarshal.Cast<byte, Half>(data.Bytes), wide);
        }
        else
        {
            FloatWidening.FromBFloat16(MemoryMarshal.Cast<byte, ushort>(data.Bytes), wide);
        }

        return bytes;
    }

    void RequireFinite(ReadOnlySpan<float> scales, QuantizedLayout layout)
    {
        for (var i = 0; i < scales.Length; i++)
        {
            if (!float.IsFinite(scales[i]))
            {
                throw new InvalidDataException(FormattableString.Invariant(
                    $"{Where}: scale {i % layout.Scales[1]} of row {i / layout.Scales[1]} is {scales[i]}; expected a finite number. ")
                    + ExportAgain);
            }
        }
    }

    // ONNX Runtime's quantiser leaves 8 in the nibble that no block has (mlas/lib/q4_dq.cpp).
    ReadOnlyMemory<byte> ZeroPoints(QuantizedLayout layout)
    {
        var packed = View(Data(ZeroPointsInput, "zero points", layout.ZeroPoints, [ElementType.UInt8]));
        if (layout.Scales[1] % 2 == 0)
        {
            return packed;
        }

        var bytes = packed.ToArray();
        var width = (int)layout.ZeroPoints[1];
        for (var last = width - 1; last < bytes.Length; last += width)
        {
            bytes[last] &= 0x0F;
        }

        return bytes;
    }

    // The codes beyond K, which the same quantiser leaves 0: where one is not its zero point, a copy in which all are.
    static ReadOnlyMemory<byte> Filled(ReadOnlyMemory<byte> codes, ReadOnlyMemory<byte> zeroPoints, QuantizedLayout layout, int used)
    {
        if (used == 0)
        {
            return codes;
        }

        byte[]? filled = null;
        var (rows, blocks, bytes) = ((int)layout.Codes[0], (int)layout.Codes[1], (int)layout.Codes[2]);
        for (var row = 0; row < rows; row++)
        {
            var zero = zeroPoints.IsEmpty
                ? Middle
                : (zeroPoints.Span[((row + 1) * (int)layout.ZeroPoints[1]) - 1] >> (4 * ((blocks - 1) % 2))) & 15;
            for (var (i, start) = (used, (((row + 1) * blocks) - 1) * bytes); i < 2 * bytes; i++)
            {
                var (at, shift) = (start + (i / 2), 4 * (i % 2));
                if (((codes.Span[at] >> shift) & 15) != zero)
                {
                    filled ??= codes.ToArray();
                    filled[at] = (byte)((filled[at] & ~(15 << shift)) | (zero << shift));
                }
            }
        }

        return filled ?? codes;
    }
}
