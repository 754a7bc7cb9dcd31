using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace OrtDpo.Safetensors.Tests;

/// <summary>Safetensors files put together byte by byte, without the code under test.</summary>
static class HandMadeSafetensors
{
    public static byte[] File(string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + text.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)text.Length);
        text.CopyTo(file, 8);
        data.CopyTo(file, 8 + text.Length);
        return file;
    }

    /// <summary>
    /// The tensors in the order given; their values count 1, 2, …, 63, 0, 1, … through <paramref name="before"/> and then through them.
    /// </summary>
    public static byte[] Model(string dtype, (string Name, long[] Shape)[] tensors, (string Name, long[] Shape)[]? before = null)
    {
        var header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        var data = new List<byte>();
        var value = 1 + (before ?? []).Sum(t => Count(t.Shape));
        foreach (var (name, shape) in tensors)
        {
            var begin = data.Count;
            for (var i = 0L; i < Count(shape); i++)
            {
                // Small integers are exact in all three types.
                data.AddRange(Element(dtype, value++ % 64));
            }

            header.Append(
                CultureInfo.InvariantCulture,
                $",\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{begin},{data.Count}]}}");
        }

        return File(header.Append('}').ToString(), [.. data]);
    }

    static long Count(long[] shape) => shape.Aggregate(1L, (count, dimension) => count * dimension);

    static byte[] Element(string dtype, float value) => dtype switch
    {
        "F32" => BitConverter.GetBytes(value),
        "F16" => BitConverter.GetBytes((Half)value),
        "BF16" => BitConverter.GetBytes(value)[2..],
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, null),
    };
}
