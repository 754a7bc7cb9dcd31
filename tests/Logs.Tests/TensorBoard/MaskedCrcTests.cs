using FsCheck;
using FsCheck.Fluent;
using OrtDpo.Logs.TensorBoard;

namespace OrtDpo.Logs.Tests.TensorBoard;

public sealed class MaskedCrcTests
{
    // RFC 3720, B.4, which has them as bytes in the order of the wire, and the check value of the catalogue of CRC algorithms.
    public static TheoryData<byte[], uint> Published => new()
    {
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
        { "123456789"u8.ToArray(), 0xE3069283 },
        { [], 0 },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Checksums_are_the_published_ones(byte[] data, uint expected)
    {
        Assert.Equal(expected, MaskedCrc.Crc32C(data));
        Assert.Equal(expected, EventReader.BitwiseCrc32C(data));
    }

    [Fact]
    public void Checksums_are_those_of_the_definition_bit_by_bit() => Prop.ForAll<byte[]>(
        data => MaskedCrc.Crc32C(data) == EventReader.BitwiseCrc32C(data)).QuickCheckThrowOnFailure();
}
