using System.Buffers.Binary;
using System.Numerics;

namespace OrtDpo.Logs.TensorBoard;

/// <summary>
/// The checksum of TensorFlow's records: CRC-32C (Castagnoli), turned and offset, since a checksum of data that hold checksums is weak
/// (tensorflow/core/lib/hash/crc32c.h).
/// </summary>
static class MaskedCrc
{
    const uint Offset = 0xA282EAD8;

    /// <summary>The masked checksum of <paramref name="data"/>.</summary>
    public static uint Of(ReadOnlySpan<byte> data) => BitOperations.RotateRight(Crc32C(data), 15) + Offset;

    /// <summary>The checksum itself.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = ~0u;
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
