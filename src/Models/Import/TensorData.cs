using System.Runtime.InteropServices;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Import;

/// <summary>An ONNX tensor: its type, its shape, and its bytes, which are mapped (external data) or in managed memory.</summary>
sealed record TensorData(string Name, ElementType Type, long[] Shape, nint Address, ReadOnlyMemory<byte> Managed)
{
    public long Count { get; } = Shape.Aggregate(1L, (count, size) => checked(count * size));

    public long ByteCount => Count * Type.ByteSize();

    public static TensorData Outside(string path, TensorProto tensor, (nint Address, long Count) bytes) =>
        Checked(path, new TensorData(tensor.Name, (ElementType)tensor.DataType, Sizes(path, tensor), bytes.Address, default), bytes.Count);

    public static TensorData Inside(string path, TensorProto tensor)
    {
        var type = (ElementType)tensor.DataType;
        var bytes = tensor.RawData.Length > 0 ? tensor.RawData.Memory : Typed(tensor, type);
        return Checked(path, new TensorData(tensor.Name, type, Sizes(path, tensor), 0, bytes), bytes.Length);
    }

    /// <summary>The bytes, where a span can hold them.</summary>
    public unsafe ReadOnlySpan<byte> Bytes => Address == 0 ? Managed.Span : new ReadOnlySpan<byte>((void*)Address, checked((int)ByteCount));

    /// <summary>
    /// The elements as the graph's types: <c>float[]</c> (16-bit ones widened), <c>double[]</c>, <c>long[]</c>, <c>int[]</c> (narrower
    /// integers widened) or <c>bool[]</c>.
    /// </summary>
    public (DataType Type, Array Data) Elements() => Type switch
    {
        ElementType.Float => (DataType.Float32, Bytes.Cast<float>()),
        ElementType.Double => (DataType.Float64, Bytes.Cast<double>()),
        ElementType.Int64 => (DataType.Int64, Bytes.Cast<long>()),
        ElementType.Int32 => (DataType.Int32, Bytes.Cast<int>()),
        ElementType.Bool => (DataType.Bool, Array.ConvertAll(Bytes.ToArray(), b => b != 0)),
        ElementType.Float16 =>
            (DataType.Float32, Widened((from, to) => FloatWidening.FromFloat16(MemoryMarshal.Cast<byte, Half>(from), to))),
        ElementType.BFloat16 =>
            (DataType.Float32, Widened((from, to) => FloatWidening.FromBFloat16(MemoryMarshal.Cast<byte, ushort>(from), to))),
        ElementType.UInt8 => (DataType.Int32, Array.ConvertAll(Bytes.ToArray(), b => (int)b)),
        ElementType.Int8 => (DataType.Int32, Array.ConvertAll(Bytes.ToArray(), b => (int)(sbyte)b)),
        ElementType.Int16 => (DataType.Int32, Array.ConvertAll(Bytes.Cast<short>(), n => (int)n)),
        ElementType.UInt16 => (DataType.Int32, Array.ConvertAll(Bytes.Cast<ushort>(), n => (int)n)),
        _ => throw new NotSupportedException($"Tensor '{Name}' is {Type}. Supported are {ElementTypes.Supported}."),
    };

    float[] Widened(WidenSpan widen)
    {
        var result = new float[Count];
        widen(Bytes, result);
        return result;
    }

    delegate void WidenSpan(ReadOnlySpan<byte> source, Span<float> destination);

    // Tensors without raw data keep their elements in a field by type; 16-bit and 8-bit ones share the field of int32.
    static byte[] Typed(TensorProto tensor, ElementType type) => type switch
    {
        ElementType.Float => MemoryMarshal.AsBytes<float>(tensor.FloatData.ToArray()).ToArray(),
        ElementType.Double => MemoryMarshal.AsBytes<double>(tensor.DoubleData.ToArray()).ToArray(),
        ElementType.Int64 => MemoryMarshal.AsBytes<long>(tensor.Int64Data.ToArray()).ToArray(),
        ElementType.Int32 => MemoryMarshal.AsBytes<int>(tensor.Int32Data.ToArray()).ToArray(),
        ElementType.Bool or ElementType.UInt8 or ElementType.Int8 => [.. tensor.Int32Data.Select(n => unchecked((byte)n))],
        ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 or ElementType.UInt16 =>
            MemoryMarshal.AsBytes<ushort>([.. tensor.Int32Data.Select(n => unchecked((ushort)n))]).ToArray(),
        _ => [],
    };

    // Sizes whose bytes can be counted.
    static long[] Sizes(string path, TensorProto tensor)
    {
        const long MostElements = long.MaxValue / sizeof(double);
        var count = (Int128)1;
        foreach (var size in tensor.Dims)
        {
            count = size < 0 || count > MostElements ? -1 : count * size;
            if (count < 0 || count > MostElements)
            {
                throw new InvalidDataException(
                    $"{path}: tensor '{tensor.Name}' has the shape [{string.Join(", ", tensor.Dims)}], which no file can hold. "
                    + "Export or fetch the model again.");
            }
        }

        return [.. tensor.Dims];
    }

    static TensorData Checked(string path, TensorData data, long found) => data.Type.ByteSize() == 0
        ? throw new NotSupportedException($"{path}: tensor '{data.Name}' is {data.Type}. Supported are {ElementTypes.Supported}.")
        : found == data.ByteCount ? data
        : throw new InvalidDataException(
            $"{path}: tensor '{data.Name}' {data.Type} [{string.Join(", ", data.Shape)}] has {found} bytes; expected {data.ByteCount}. "
            + "Export or fetch the model again.");
}

static class ByteSpans
{
    public static T[] Cast<T>(this ReadOnlySpan<byte> bytes)
        where T : struct => MemoryMarshal.Cast<byte, T>(bytes).ToArray();
}
