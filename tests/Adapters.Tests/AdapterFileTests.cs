using OrtDpo.Safetensors;

namespace OrtDpo.Adapters.Tests;

/// <summary>Reading and writing <c>adapter_model.safetensors</c>.</summary>
public sealed unsafe class AdapterFileTests : IDisposable
{
    readonly AdapterFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("F32", 4)]
    [InlineData("F16", 2)]
    [InlineData("BF16", 2)]
    public void Tensors_have_the_names_of_the_model(string dtype, int size)
    {
        using var file = folder.Open(
            dtype, ("a.q_proj.lora_A.weight", [2, 4]), ("a.q_proj.lora_B.weight", [3, 2]), ("lm_head.weight", [5, 4]));
        Assert.Equal(folder.TensorsPath, file.Path);
        Assert.Equal(
            ["a.q_proj.lora_A.weight", "a.q_proj.lora_B.weight", "lm_head.weight"], file.Tensors.Keys.Order(StringComparer.Ordinal));
        var b = file.Tensors["a.q_proj.lora_B.weight"];
        Assert.Equal([3, 2], b.Shape);
        Assert.Equal((dtype, 6L * size), (b.Type.ToString(), b.ByteCount));
        Assert.Equal("base_model.model.a.q_proj.lora_B.weight", b.Name);
        // The values count from 1 through the file: B begins with the ninth.
        Assert.Equal(9, Value(file, "a.q_proj.lora_B.weight"));
    }

    [Theory]
    [InlineData("F32", WeightType.F32)]
    [InlineData("F16", WeightType.F16)]
    [InlineData("BF16", WeightType.BF16)]
    public void What_is_written_is_read_back_bit_for_bit(string dtype, WeightType type)
    {
        // Bits of every kind: infinities, NaNs with payloads, denormals.
        var bytes = new byte[8 * type.ByteSize()];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(i % 3 == 2 ? 0xFF : (37 * i) + 1);
        }

        fixed (byte* address = bytes)
        {
            Write(
                new TensorSource("m.lora_A.weight", type, [2, 4], (nint)address),
                new TensorSource("m.lora_B.weight", type, [4, 2], (nint)address));
        }

        using var file = AdapterFile.Open(folder.Path, WeightMapping.ReadOnly);
        Assert.Equal(["m.lora_A.weight", "m.lora_B.weight"], file.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.All(file.Tensors, t =>
        {
            Assert.Equal(dtype, t.Value.Type.ToString());
            Assert.Equal(bytes, new ReadOnlySpan<byte>((void*)file.Address(t.Key), bytes.Length).ToArray());
        });
    }

    [Fact]
    public void A_file_has_the_names_and_the_metadata_that_PEFT_gives_it()
    {
        fixed (float* values = new float[8])
        {
            Write(new TensorSource("model.norm.weight", WeightType.F32, [8], (nint)values));
        }

        using var file = SafetensorsFile.Open(folder.TensorsPath);
        Assert.Equal("base_model.model.model.norm.weight", Assert.Single(file.Tensors.Keys));
        Assert.Equal(KeyValuePair.Create("format", "pt"), Assert.Single(file.Metadata));
    }

    [Fact]
    public void Float32_may_be_saved_narrower()
    {
        float[] values = [1, 2, 3, 4];
        fixed (float* address = values)
        {
            Write(new TensorSource("m.lora_A.weight", WeightType.F32, [1, 4], (nint)address) { SavedAs = WeightType.BF16 });
        }

        using var file = AdapterFile.Open(folder.Path, WeightMapping.ReadOnly);
        Assert.Equal(WeightType.BF16, file.Tensors["m.lora_A.weight"].Type);
    }

    [Fact]
    public void A_copy_on_write_mapping_may_be_written_to()
    {
        folder.Open("F32", ("m.lora_A.weight", [2, 2])).Dispose();
        var before = File.ReadAllBytes(folder.TensorsPath);
        using (var file = AdapterFile.Open(folder.Path, WeightMapping.CopyOnWrite))
        {
            Assert.Equal(WeightMapping.CopyOnWrite, file.Mapping);
            *(float*)file.Address("m.lora_A.weight") = 7;
            Assert.Equal(7, Value(file, "m.lora_A.weight"));
        }

        Assert.Equal(before, File.ReadAllBytes(folder.TensorsPath));
    }

    [Theory]
    [InlineData("F32", 0, 0, true)]
    [InlineData("F32", 23, 0x80, true)]
    [InlineData("F32", 22, 0x80, false)]
    [InlineData("F32", 0, 1, false)]
    [InlineData("F16", 11, 0x80, true)]
    [InlineData("F16", 11, 0x01, false)]
    [InlineData("BF16", 10, 0x80, false)]
    [InlineData("BF16", 9, 0x80, true)]
    [InlineData("BF16", 9, 0x81, false)]
    public void An_adapter_is_zero_where_its_B_is(string dtype, int at, byte value, bool expected)
    {
        var size = dtype == "F32" ? 4 : 2;
        var data = new byte[12 * size];
        data.AsSpan(0, 6 * size).Fill(0x3C);
        data[(6 * size) + at] = value;
        using var file = folder.Open(dtype, data, ("m.lora_A.weight", [2, 3]), ("m.lora_B.weight", [3, 2]));
        Assert.Equal(expected, file.IsZero);
    }

    [Fact]
    public void What_is_saved_whole_is_not_zero()
    {
        using var file = folder.Open("F32", new byte[4], ("m.weight", [1]));
        Assert.False(file.IsZero);
    }

    [Fact]
    public void A_name_without_PEFTs_prefix_is_refused()
    {
        var error = Assert.Throws<InvalidDataException>(
            () => folder.Open("F32", ("m.lora_A.weight", [2, 2]), ("-model.q.lora_A.weight", [2, 2])));
        Assert.Equal($"{folder.TensorsPath}: tensor 'model.q.lora_A.weight' does not begin with 'base_model.model.', as all of an adapter "
            + "do that PEFT saved. Save the adapter with PEFT's save_pretrained.", error.Message);
    }

    [Fact]
    public void A_pickle_alone_is_refused()
    {
        folder.Write("adapter_model.bin", [0x80, 2]);
        var error = Assert.Throws<NotSupportedException>(() => AdapterFile.Open(folder.Path, WeightMapping.ReadOnly));
        Assert.Equal($"{folder.Path} holds its adapter as adapter_model.bin, a pickle, which can run code when it is read and is not. Load "
            + "the adapter with PEFT and save it again: save_pretrained writes adapter_model.safetensors.", error.Message);
    }

    [Fact]
    public void A_folder_without_tensors_is_refused()
    {
        var error = Assert.Throws<FileNotFoundException>(() => AdapterFile.Open(folder.Path, WeightMapping.ReadOnly));
        Assert.Equal($"{folder.TensorsPath} does not exist. Expected a folder that PEFT saved an adapter in.", error.Message);
    }

    [Fact]
    public void A_pointer_of_Git_LFS_is_named() =>
        LfsPointer.IsNamed(folder.TensorsPath, () => AdapterFile.Open(folder.Path, WeightMapping.ReadOnly));

    [Fact]
    public void A_truncated_file_is_refused()
    {
        folder.Open("F32", ("m.lora_A.weight", [2, 2])).Dispose();
        folder.Write(AdapterFile.FileName, File.ReadAllBytes(folder.TensorsPath)[..^4]);
        Assert.Throws<InvalidDataException>(() => AdapterFile.Open(folder.Path, WeightMapping.ReadOnly));
    }

    [Fact]
    public void Two_tensors_of_one_name_are_refused() => Assert.Throws<ArgumentException>(
        () => Write(new TensorSource("a", WeightType.F32, [0], 0), new TensorSource("a", WeightType.F32, [0], 0)));

    void Write(params TensorSource[] tensors)
    {
        using var file = File.Create(folder.TensorsPath);
        AdapterFile.Write(file, tensors);
    }

    static float Value(AdapterFile file, string name) => file.Tensors[name].Type switch
    {
        WeightType.F32 => *(float*)file.Address(name),
        WeightType.F16 => (float)*(Half*)file.Address(name),
        _ => BitConverter.UInt32BitsToSingle((uint)*(ushort*)file.Address(name) << 16),
    };
}
