using OrtDpo.Artifacts.Checkpoints;

namespace OrtDpo.Artifacts.Tests.Checkpoints;

/// <summary>Files that are no checkpoints, or not whole: each is refused in words, and nothing outside a file is read.</summary>
public sealed class DamagedCheckpointTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_was_cut_anywhere_is_refused(bool external) => Cut(SampleCheckpoint.OneOfEach, external);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_with_any_byte_flipped_is_refused_or_read(bool external) => Flip(SampleCheckpoint.OneOfEach, external, 0xFF, 0x01);

    [Theory]
    [Trait("Speed", "long")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_with_all_that_it_can_hold_is_refused_wherever_it_was_cut(bool external) => Cut(SampleCheckpoint.Whole, external);

    [Theory]
    [Trait("Speed", "long")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_with_all_that_it_can_hold_is_refused_or_read_whatever_byte_is_flipped(bool external) =>
        Flip(SampleCheckpoint.Whole, external, 0xFF, 0x01, 0x80, 0x10);

    [Fact]
    public void A_file_of_another_kind_is_named() =>
        Refused<InvalidDataException>(
            new byte[100], "is no checkpoint of ONNX Runtime's on-device training: bytes 4 to 7 are not 'ODTC'. Give one.");

    [Fact]
    public void An_empty_file_is_named() =>
        Refused<InvalidDataException>([], "has 0 bytes, as no checkpoint of ONNX Runtime's on-device training has. Get the file again.");

    [Fact]
    public void A_pointer_of_Git_LFS_is_named() =>
        Refused<InvalidDataException>(
            [.. "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"u8], "is a Git LFS pointer");

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Another_version_is_named(byte version)
    {
        var bytes = Convert.FromHexString(OnDeviceCheckpointTests.HandMade);
        bytes[0x18] = version;
        Refused<NotSupportedException>(
            bytes, $"is of version {version} of the format; expected 2, which ONNX Runtime 1.18.0 to 1.19.2 write.");
    }

    [Fact]
    public void Numbers_of_16_bits_are_named()
    {
        var bytes = Convert.FromHexString(OnDeviceCheckpointTests.HandMade);
        bytes[0x64] = 10;
        Refused<NotSupportedException>(bytes, ": tensor 'w' has ONNX's element type 10; expected 1 (float32), ");
    }

    [Fact]
    public void A_tensor_that_is_not_of_its_shape_is_named()
    {
        var bytes = Convert.FromHexString(OnDeviceCheckpointTests.HandMade);
        bytes[0x78] = 3;
        Refused<InvalidDataException>(bytes, "is damaged: tensor 'w' [3] of F32 holds 8 bytes. Get the file again.");
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.EndsWith(
            "does not exist. Expected a checkpoint of ONNX Runtime's on-device training.",
            Assert.Throws<FileNotFoundException>(() => OnDeviceCheckpoint.Open(folder.File("none"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_of_tensors_is_named()
    {
        var path = folder.File("checkpoint");
        SampleCheckpoint.Small.Write(path, external: true);
        File.Delete(path + ".data");
        Assert.Equal(
            $"{path} has its tensors in {path}.data, which does not exist. Put the file there that belongs to it.",
            Assert.Throws<FileNotFoundException>(() => OnDeviceCheckpoint.Open(path)).Message);
    }

    [Fact]
    public void A_shorter_file_of_tensors_is_named()
    {
        var path = folder.File("checkpoint");
        SampleCheckpoint.Small.Write(path, external: true);
        File.WriteAllBytes(path + ".data", new byte[7]);
        Assert.Equal(
            $"{path} is damaged: tensor 'w' [2] of F32 begins at byte 0 of {path}.data, which has 7 bytes. Get the file again.",
            Assert.Throws<InvalidDataException>(() => OnDeviceCheckpoint.Open(path)).Message);
    }

    void Cut(OnDeviceCheckpoint checkpoint, bool external)
    {
        var (tables, data) = Written(checkpoint, external);
        for (var length = 0; length < tables.Length; length++)
        {
            Assert.False(Opens(tables[..length], data), $"cut after {length} bytes");
        }

        for (var length = 0; external && length < data!.Length; length++)
        {
            Assert.False(Opens(tables, data[..length]), $"its tensors cut after {length} bytes");
        }
    }

    void Flip(OnDeviceCheckpoint checkpoint, bool external, params byte[] masks)
    {
        var (tables, data) = Written(checkpoint, external);
        for (var at = 0; at < tables.Length; at++)
        {
            foreach (var mask in masks)
            {
                tables[at] ^= mask;
                Opens(tables, data);
                tables[at] ^= mask;
            }
        }

        Assert.True(Opens(tables, data));
    }

    (byte[] Tables, byte[]? Data) Written(OnDeviceCheckpoint checkpoint, bool external)
    {
        var path = folder.File("whole");
        checkpoint.Write(path, external);
        return (File.ReadAllBytes(path), external ? File.ReadAllBytes(path + ".data") : null);
    }

    // Whether it opens, all of it then read; else it must be refused as files are.
    bool Opens(byte[] tables, byte[]? data)
    {
        var path = folder.Write("changed", tables);
        if (data is not null)
        {
            folder.Write("changed.data", data);
        }

        return Readable(path);
    }

    /// <summary>Whether a file opens, all that it holds then read; any other refusal than a file's fails the test.</summary>
    internal static bool Readable(string path)
    {
        try
        {
            using var read = OnDeviceCheckpoint.Open(path);
            if (!read.Contents.IsNominal)
            {
                SampleCheckpoint.Describe(read.Contents);
            }

            return true;
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or FileNotFoundException)
        {
            return false;
        }
    }

    void Refused<T>(byte[] bytes, string part)
        where T : Exception =>
        Assert.Contains(
            part, Assert.Throws<T>(() => OnDeviceCheckpoint.Open(folder.Write("checkpoint", bytes))).Message, StringComparison.Ordinal);
}
