using OrtDpo.Autodiff.Building;
using OrtDpo.Quantization;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Quantized;

/// <summary>
/// Makes copies of weights in 4 bits on a device, by operators that it has kernels for: each byte is looked up in a table of the two
/// numbers that it stands for, and a block of them is scaled. float32 inside, as on the host, and rounded once where copies are narrower.
/// </summary>
/// <param name="compute">The type of the copies.</param>
sealed class DeviceDequantiser(DataType compute) : IDisposable
{
    // Numbers that are made at once: some 12 bytes of each are needed beside the copy.
    const long Slice = 2 << 20;

    const string Codes = "codes", Scales = "scales", ZeroPoints = "zero_points", Numbers = "numbers", Matrix = "matrix";

    readonly Dictionary<(QuantizedFormat Format, int Block, DataType Scales), GraphSession> sessions = [];
    readonly Dictionary<(int Columns, bool IsInOut), GraphSession> layouts = [];

    /// <summary>Writes a weight to a tensor of its parameter's shape.</summary>
    public void Make(DeviceQuantizedWeight weight, DeviceTensor copy, MemoryPool pool)
    {
        var (matrix, block, blocks) = (weight.Weight, weight.Weight.Form.Block, weight.Scales.Elements);
        // Of int4 each row has whole blocks, of nf4 the whole matrix.
        var isWhole = blocks * block == copy.Elements;
        if (isWhole && !matrix.IsInOut)
        {
            Blocks(weight, copy, pool);
            return;
        }

        using var made = DeviceTensor.Rent(pool, MemoryPurpose.WeightsConverted, compute, blocks * block);
        Blocks(weight, made, pool);
        var padded = matrix.Form.Format == QuantizedFormat.Nf4 ? matrix.Columns : made.Elements / matrix.Rows;
        using var rows = made.Flat(0, matrix.Rows, padded);
        Layout(matrix.Columns, matrix.IsInOut).Run(
            new Dictionary<string, DeviceTensor>(StringComparer.Ordinal) { [Numbers] = rows }, pool,
            new Dictionary<string, DeviceTensor>(StringComparer.Ordinal) { [Matrix] = copy });
    }

    public void Dispose()
    {
        foreach (var session in sessions.Values.Concat(layouts.Values))
        {
            session.Dispose();
        }
    }

    void Blocks(DeviceQuantizedWeight weight, DeviceTensor target, MemoryPool pool)
    {
        var form = weight.Weight.Form;
        var key = (form.Format, form.Block, weight.Scales.Type);
        if (!sessions.TryGetValue(key, out var session))
        {
            sessions.Add(key, session = new GraphSession(
                BlocksGraph(form.Format, form.Block, weight.Scales.Type), MemoryPurpose.WeightsConverted));
        }

        var most = Math.Max(1, Slice / form.Block);
        foreach (var (start, count) in Slices.Of(weight.Scales.Elements, most))
        {
            using var codes = weight.Codes.Flat(start, count, form.Block / 2);
            using var scales = weight.Scales.Flat(start, count);
            using var zeroPoints = weight.ZeroPoints?.Flat(start, count);
            using var numbers = target.Flat(start, count, form.Block);
            var inputs = new Dictionary<string, DeviceTensor>(StringComparer.Ordinal) { [Codes] = codes, [Scales] = scales };
            if (zeroPoints is not null)
            {
                inputs.Add(ZeroPoints, zeroPoints);
            }

            session.Run(inputs, pool, new Dictionary<string, DeviceTensor>(StringComparer.Ordinal) { [Numbers] = numbers });
        }
    }

    GraphSession Layout(int columns, bool isInOut)
    {
        if (!layouts.TryGetValue((columns, isInOut), out var session))
        {
            layouts.Add((columns, isInOut), session = new GraphSession(
                LayoutGraph(columns, isInOut), MemoryPurpose.WeightsConverted));
        }

        return session;
    }

    OnnxGraph BlocksGraph(QuantizedFormat format, int block, DataType scaleType)
    {
        var b = new GraphBuilder("dequantise");
        var codes = b.Input(Codes, DataType.UInt8, new Shape("S", block / 2));
        var scales = b.Cast(b.Input(Scales, scaleType, new Shape("S")), DataType.Float32);
        var table = b.Constant(Pairs(format), DataType.Float32, new Shape(256, 2));
        var numbers = b.Reshape(b.Gather(table, b.Cast(codes, DataType.Int32)), new Shape("S", block));
        if (format == QuantizedFormat.Int4ZeroPoints)
        {
            var zeros = b.Cast(b.Input(ZeroPoints, DataType.UInt8, new Shape("S")), DataType.Float32);
            numbers = b.Sub(numbers, b.Unsqueeze(zeros, 1));
        }

        return b.Build([(Numbers, b.Cast(b.Mul(numbers, b.Unsqueeze(scales, 1)), compute))]);
    }

    // Rows without what fills up their last blocks, the way round that the model has them.
    OnnxGraph LayoutGraph(int columns, bool isInOut)
    {
        var b = new GraphBuilder("dequantised");
        var rows = b.Slice(b.Input(Numbers, compute, new Shape("N", "P")), axis: 1, 0, columns);
        return b.Build([(Matrix, isInOut ? b.Transpose(rows, 1, 0) : rows)]);
    }

    // From a byte to its two numbers, in the order in which they stand: nf4 has the first in the high nibble, int4 in the low one.
    static float[] Pairs(QuantizedFormat format)
    {
        var pairs = new float[512];
        for (var code = 0; code < 256; code++)
        {
            var (low, high) = (code & 15, code >> 4);
            (pairs[2 * code], pairs[(2 * code) + 1]) = format switch
            {
                QuantizedFormat.Nf4 => (Nf4.Levels[high], Nf4.Levels[low]),
                QuantizedFormat.Int4Symmetric => (low - 8f, high - 8f),
                _ => (low, high),
            };
        }

        return pairs;
    }
}
