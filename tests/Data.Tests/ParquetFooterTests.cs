using System.Buffers.Binary;

namespace OrtDpo.Data.Tests;

public sealed class ParquetFooterTests
{
    // Field 2 of the footer is the schema, a list (9) of structs (12): 0x29; 0xFC says that the number of them follows.
    [Theory]
    [InlineData(new byte[] { 0x29, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x00 }, "its footer ends too early")]
    [InlineData(new byte[] { 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x00 }, "its footer ends too early")]
    [InlineData(new byte[] { 0x15, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00 }, "a number of more than 64 bits")]
    [InlineData(new byte[] { 0x1E, 0x00 }, "a value of the type 14")]
    [InlineData(new byte[] { 0x15, 0x02 }, "its footer ends too early")]
    public void What_is_longer_than_the_footer_is_refused_before_it_is_read(byte[] footer, string expected) =>
        Assert.Contains(expected, Refused(footer, footer.Length), StringComparison.Ordinal);

    [Fact]
    public void Nesting_without_end_is_refused() => Assert.Contains(
        "nests deeper than 32", Refused([.. Enumerable.Repeat((byte)0x1C, 200_000)], 200_000), StringComparison.Ordinal);

    [Fact]
    public void A_footer_longer_than_its_file_is_refused() =>
        Assert.Contains("its footer claims 100 bytes of 13", Refused([0x00], 100), StringComparison.Ordinal);

    static string Refused(byte[] footer, int length)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(count, length);
        using var file = new MemoryStream([.. "PAR1"u8, .. footer, .. count, .. "PAR1"u8]);
        return Assert.Throws<InvalidDataException>(() => ParquetFooter.Require(file)).Message;
    }
}
