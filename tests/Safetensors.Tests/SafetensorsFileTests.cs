using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace OrtDpo.Safetensors.Tests;

public sealed class SafetensorsFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public unsafe void Tensors_are_found_where_the_header_places_them()
    {
        byte[] data = [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f), .. BitConverter.GetBytes(7L)];
        var path = folder.Write("a.safetensors", HandMadeSafetensors.File(
            """{"__metadata__":{"k":"v"},"n":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"x":"""
            + """{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}   """,
            data));

        using var file = SafetensorsFile.Open(path);

        Assert.Equal("v", file.Metadata["k"]);
        Assert.Equal(2, file.Tensors.Count);
        Assert.Equal([2, 1], file.Tensors["x"].Shape);
        Assert.Equal([1.5f, -2f], new ReadOnlySpan<float>((void*)file.Address(file.Tensors["x"]), 2));
        Assert.Equal(7, MemoryMarshal.Read<long>(new ReadOnlySpan<byte>((void*)file.Address(file.Tensors["n"]), 8)));
        Assert.Equal(1, file.Tensors["n"].Count);
    }

    [Fact]
    public unsafe void A_copy_on_write_mapping_is_writable_and_leaves_the_file_alone()
    {
        var bytes = HandMadeSafetensors.File("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", BitConverter.GetBytes(1f));
        var path = folder.Write("a.safetensors", bytes);
        using (var file = SafetensorsFile.Open(path, WeightMapping.CopyOnWrite))
        {
            var x = (float*)file.Address(file.Tensors["x"]);
            *x = 5;
            Assert.Equal(5, *x);
        }

        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void Every_truncation_and_every_surplus_is_refused()
    {
        var whole = HandMadeSafetensors.File(
            """{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}""",
            new byte[11]);
        for (var length = 0; length < whole.Length; length++)
        {
            var path = folder.Write("a.safetensors", whole[..length]);
            var fault = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));
            Assert.StartsWith(path, fault.Message, StringComparison.Ordinal);
        }

        var longer = folder.Write("a.safetensors", [.. whole, 0]);
        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(longer));
    }

    [Theory]
    [InlineData("""[]""", 0, "expected an object")]
    [InlineData("""{"x":1}""", 0, "tensor 'x' must have 'dtype'")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "tensor 'x' must have 'dtype'")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "integers of at least 0")]
    [InlineData("""{"x":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", 4, "dtype 'F8_E4M3'. Expected one of F64, F32")]
    [InlineData("""{"x":{"dtype":"1","shape":[4],"data_offsets":[0,4]}}""", 4, "dtype '1'")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "F32 [2], which does not take the 4 bytes")]
    [InlineData("""{"x":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "does not take the 0 bytes")]
    [InlineData("""{"x":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}""", 4, "lies at bytes 0 to 5, but the file holds 4")]
    [InlineData("""{"x":{"dtype":"U8","shape":[0],"data_offsets":[3,2]}}""", 4, "lies at bytes 3 to 2")]
    [InlineData("""{"x":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", 4, "leaves a gap")]
    [InlineData("""{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"y":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        4, "overlaps")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""",
        4, "'x' occurs twice")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "must be an object of strings")]
    [InlineData("""{"x":}""", 0, "is not JSON")]
    public void A_header_that_breaks_a_rule_is_refused_with_the_rule(string header, int dataBytes, string message)
    {
        var path = folder.Write("a.safetensors", HandMadeSafetensors.File(header, new byte[dataBytes]));
        var fault = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Matches(new Regex(@"\.$"), fault.Message);
    }

    [Fact]
    public void A_header_length_beyond_64_bits_of_sense_is_refused()
    {
        var bytes = new byte[16];
        Array.Fill(bytes, (byte)255, 0, 8);
        var path = folder.Write("a.safetensors", bytes);
        Assert.Contains(
            "claims 18446744073709551615 bytes",
            Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains(
            "/nope.safetensors does not exist",
            Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open("/nope.safetensors")).Message, StringComparison.Ordinal);
}
