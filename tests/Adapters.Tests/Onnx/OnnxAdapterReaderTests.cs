using OrtDpo.Adapters.Onnx;
using OrtDpo.Safetensors;

namespace OrtDpo.Adapters.Tests.Onnx;

public sealed class OnnxAdapterReaderTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Reads_what_another_writer_wrote()
    {
        var adapter = Read(HandMadeAdapter.Bytes);
        Assert.Equal((1, 1), (adapter.AdapterVersion, adapter.ModelVersion));
        var tensor = Assert.Single(adapter.Tensors);
        Assert.Equal(("A", WeightType.F32), (tensor.Name, tensor.Type));
        Assert.Equal([1, 2], tensor.Shape);
        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40], tensor.Data);
    }

    [Fact]
    public void A_tensor_that_is_not_of_its_shape_is_damage() =>
        Refused<InvalidDataException>(
            HandMadeAdapter.With(HandMadeAdapter.Columns, 3),
            "is damaged: tensor 'A' [1, 3] of float32 holds 8 bytes. Get the file again.");

    [Fact]
    public void An_offset_that_leads_out_of_the_file_is_damage() =>
        Refused<InvalidDataException>(
            HandMadeAdapter.With(HandMadeAdapter.Parameters + 1, 0x7F),
            "is damaged: at byte 32552 is the end of what should go on. Get the file again.");

    [Fact]
    public void Another_version_of_the_format_is_named() =>
        Refused<NotSupportedException>(
            HandMadeAdapter.With(HandMadeAdapter.FormatVersion, 2),
            "is of version 2 of the format; expected 1, which ONNX Runtime reads.");

    [Fact]
    public void Numbers_that_are_no_floats_are_named() =>
        Refused<NotSupportedException>(
            HandMadeAdapter.With(HandMadeAdapter.DataType, 3),
            ": tensor 'A' has ONNX's element type 3; expected 1 (float32), 10 (float16) or 16 (bfloat16).");

    [Fact]
    public void A_file_of_another_kind_is_named() => Refused<InvalidDataException>(
        [.. "{\"base_model_name_or_path\": \"x\"}"u8], "is no .onnx_adapter file: bytes 4 to 7 are not 'TORT'. Give one.");

    [Fact]
    public void An_empty_file_is_named() =>
        Refused<InvalidDataException>([], "has 0 bytes, as no .onnx_adapter file has. Get the file again.");

    [Fact]
    public void Damage_is_an_error_or_other_numbers_but_no_crash()
    {
        var path = folder.File("whole.onnx_adapter");
        using (var file = File.Create(path))
        {
            OnnxAdapterWriter.Write(file, new([
                new("a.lora_A.weight", WeightType.F16, [2, 3], new byte[12]),
                new("a.lora_B.weight", WeightType.F32, [3, 0], []),
                new("b", WeightType.BF16, [], [1, 2]),
            ]));
        }

        var whole = File.ReadAllBytes(path);
        var random = new Random(1);
        var (read, refused) = (0, 0);
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var value in (byte[])[0, 1, 0x7F, 0x80, 0xFF, (byte)(whole[at] ^ 4)])
            {
                byte[] bytes = [.. whole];
                bytes[at] = value;
                Try(bytes);
            }

            Try(whole[..at]);
        }

        for (var i = 0; i < 1000; i++)
        {
            byte[] bytes = [.. whole];
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Try(bytes);
        }

        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");

        void Try(byte[] bytes)
        {
            try
            {
                Read(bytes);
                read++;
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                refused++;
            }
        }
    }

    OnnxAdapter Read(byte[] bytes) => OnnxAdapterReader.Read(folder.Write("read.onnx_adapter", bytes));

    void Refused<T>(byte[] bytes, string end)
        where T : Exception
    {
        var message = Assert.Throws<T>(() => Read(bytes)).Message;
        Assert.StartsWith(folder.File("read.onnx_adapter"), message, StringComparison.Ordinal);
        Assert.EndsWith(end, message, StringComparison.Ordinal);
    }
}
