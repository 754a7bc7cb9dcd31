namespace OrtDpo.Adapters.Tests.Onnx;

/// <summary>
/// A file that was written by hand from the schema, front to back, and that the verifier took which flatc 2.0.8 makes of it: one parameter
/// <c>A</c>, float32 [1, 2] = (1, 2), all versions 1.
/// </summary>
static class HandMadeAdapter
{
    public const int FormatVersion = 0x18;
    public const int Parameters = 0x24;
    public const int DataType = 0x48;
    public const int Columns = 0x68;

    public static byte[] Bytes { get; } = Convert.FromHexString(
        "14000000544f52540c00140004000800" + "0c0010000c0000000100000001000000" + "01000000040000000100000010000000"
        + "0c001400040008000c0010000c000000" + "10000000180000000100000030000000" + "01000000410000000000000002000000"
        + "01000000000000000200000000000000" + "00000000000000000000000008000000" + "0000803f00000040");

    /// <summary>The file with another byte at a place.</summary>
    public static byte[] With(int at, byte value)
    {
        byte[] bytes = [.. Bytes];
        bytes[at] = value;
        return bytes;
    }
}
