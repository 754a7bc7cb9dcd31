using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace OrtDpo.Safetensors.Tests;

public sealed unsafe class SafetensorsWriterTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_file_is_the_bytes_that_the_format_asks_for()
    {
        float[] b = [1, 2];
        long[] a = [-1];
        fixed (float* pb = b)
        fixed (long* pa = a)
        {
            Write(
                new("b", WeightType.F32, [1, 2], (nint)pb),
                new("a", WeightType.I64, [], (nint)pa),
                new("empty", WeightType.F16, [0], 0));
        }

        var header =
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"b":"""
            + """{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"empty":{"dtype":"F16","shape":[0],"data_offsets":[16,16]}}""";
        var bytes = File.ReadAllBytes(folder.File("w.safetensors"));
        var headerBytes = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, (8 + headerBytes) % 8);
        Assert.Equal(header, Encoding.UTF8.GetString(bytes, 8, headerBytes).TrimEnd(' '));
        Assert.Equal([.. MemoryMarshal.AsBytes<long>(a), .. MemoryMarshal.AsBytes<float>(b)], bytes[(8 + headerBytes)..]);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var values = Enumerable.Range(0, 1000).Select(i => MathF.Sin(i)).ToArray();
        fixed (float* p = values)
        {
            Write(new TensorSource("model.\"quoted\" ä", WeightType.F32, [10, 100], (nint)p));
        }

        using var file = SafetensorsFile.Open(folder.File("w.safetensors"));
        var tensor = Assert.Single(file.Tensors.Values);
        Assert.Equal("model.\"quoted\" ä", tensor.Name);
        Assert.Equal(values, new ReadOnlySpan<float>((void*)file.Address(tensor), 1000));
    }

    [Fact]
    public void Codes_of_8_bits_are_written_and_read_back()
    {
        sbyte[] signed = [-127, 0, 127];
        byte[] unsigned = [0, 128, 255];
        fixed (sbyte* ps = signed)
        fixed (byte* pu = unsigned)
        {
            Write(new("s", WeightType.I8, [3], (nint)ps), new("u", WeightType.U8, [3, 1], (nint)pu));
        }

        using var file = SafetensorsFile.Open(folder.File("w.safetensors"));
        var (s, u) = (file.Tensors["s"], file.Tensors["u"]);
        Assert.Equal((WeightType.I8, WeightType.U8), (s.Type, u.Type));
        Assert.Equal(signed, new ReadOnlySpan<sbyte>((void*)file.Address(s), 3));
        Assert.Equal(unsigned, new ReadOnlySpan<byte>((void*)file.Address(u), 3));
    }

    [Fact]
    public void Two_tensors_of_one_name_are_refused() =>
        Assert.Throws<ArgumentException>(() => Write(new("a", WeightType.F32, [0], 0), new("a", WeightType.F32, [0], 0)));

    void Write(params TensorSource[] tensors)
    {
        using var file = File.Create(folder.File("w.safetensors"));
        SafetensorsWriter.Write(file, tensors);
    }
}
