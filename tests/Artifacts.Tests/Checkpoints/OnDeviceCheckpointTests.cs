using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Tests.Checkpoints;

public sealed class OnDeviceCheckpointTests : IDisposable
{
    // Written by hand from the schema, front to back, and accepted by the verifier that flatc 2.0.8 makes of it: one trained tensor 'w',
    // float32 [2] = (1, 2).
    internal const string HandMade =
        "140000004f44544300000a001000040008000c000a00000002000000140000007c0000000c000e00040008000c000d00"
        + "0c0000000c0000006000000000000000010000001400000000000e0014000400000008000c0010000e00000010000000"
        + "140000000100000024000000010000007700000001000000020000000000000000000000000000000000000008000000"
        + "0000803f000000400000000000000000";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_written_is_read_back(bool external)
    {
        var path = folder.File("checkpoint");
        SampleCheckpoint.Whole.Write(path, external);
        Assert.Equal(external, File.Exists(path + ".data"));
        using var read = OnDeviceCheckpoint.Open(path);
        Assert.Equal(SampleCheckpoint.Describe(SampleCheckpoint.Whole), SampleCheckpoint.Describe(read.Contents));
    }

    [Fact]
    public void What_a_writer_by_hand_wrote_is_read()
    {
        using var read = OnDeviceCheckpoint.Open(folder.Write("checkpoint", Convert.FromHexString(HandMade)));
        var expected = new OnDeviceCheckpoint([SampleCheckpoint.Floats("w", [2], 1)], []);
        Assert.Equal(SampleCheckpoint.Describe(expected), SampleCheckpoint.Describe(read.Contents));
    }

    [Fact]
    public void What_a_builder_made_in_another_order_is_read_alike()
    {
        using var read = OnDeviceCheckpoint.Open(folder.Write("checkpoint", BuiltCheckpoint.Of(SampleCheckpoint.Whole)));
        Assert.Equal(SampleCheckpoint.Describe(SampleCheckpoint.Whole), SampleCheckpoint.Describe(read.Contents));
    }

    [Fact]
    public void A_nominal_one_has_names_and_types_alone()
    {
        var path = folder.File("checkpoint");
        (SampleCheckpoint.Whole with { IsNominal = true, Groups = [] }).Write(path, external: true);
        Assert.False(File.Exists(path + ".data"));
        using var read = OnDeviceCheckpoint.Open(path);
        Assert.True(read.Contents.IsNominal);
        Assert.Equal(SampleCheckpoint.Whole.Frozen.Select(t => (t.Name, t.Type)), read.Contents.Frozen.Select(t => (t.Name, t.Type)));
        var tensor = read.Contents.Trainable[0];
        Assert.Empty(tensor.Shape);
        Assert.Throws<InvalidOperationException>(() => tensor.Reader!(0, new byte[1]));
    }

    [Fact]
    public void Tensors_begin_at_multiples_of_64_bytes()
    {
        var path = folder.File("checkpoint");
        foreach (var (external, file) in new[] { (false, path), (true, path + ".data") })
        {
            SampleCheckpoint.Whole.Write(path, external);
            var bytes = File.ReadAllBytes(file);
            foreach (var tensor in SampleCheckpoint.Whole.Trainable)
            {
                Assert.Equal(0, bytes.AsSpan().IndexOf(SampleCheckpoint.Read(tensor)) % 64);
            }
        }
    }

    [Fact]
    public void Tensors_that_were_beside_one_are_gone_with_it()
    {
        var path = folder.File("checkpoint");
        SampleCheckpoint.Whole.Write(path, external: true);
        SampleCheckpoint.Whole.Write(path);
        Assert.False(File.Exists(path + ".data"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_there_stays_where_one_cannot_be_written(bool external)
    {
        var path = folder.File("checkpoint");
        SampleCheckpoint.Whole.Write(path, external);
        var broken = new TensorSource("w", WeightType.F32, [2], 0) { Reader = (_, _) => throw new IOException("No more room.") };
        Assert.Throws<IOException>(() => new OnDeviceCheckpoint([broken], []).Write(path, external));
        using var read = OnDeviceCheckpoint.Open(path);
        Assert.Equal(SampleCheckpoint.Describe(SampleCheckpoint.Whole), SampleCheckpoint.Describe(read.Contents));
    }

    [Fact]
    public void More_than_2_GB_is_refused_and_fits_beside()
    {
        // Of zeros that nobody wrote: what is refused is refused before anything is read.
        var path = folder.File("checkpoint");
        var read = 0;
        TensorSource[] large = [.. Enumerable.Range(0, 9).Select(i => new TensorSource($"t{i}", WeightType.F32, [1 << 26], 0)
        {
            Reader = (_, target) =>
            {
                read++;
                target.Clear();
            },
        })];
        var refused = Assert.Throws<NotSupportedException>(() => new OnDeviceCheckpoint([], large).Write(path));
        // 9 · 2^28 bytes of tensors, and some hundreds of tables.
        Assert.Matches(
            "would take 24159[0-9]{5} bytes, and the format ends at 2147483647. Have its tensors put beside it, in checkpoint.data.$",
            refused.Message);
        Assert.Equal((0, false), (read, File.Exists(path)));
        var layout = new CheckpointLayout(new([], large), isExternal: true, 64);
        Assert.Equal(8L << 28, layout.Tensors[^1].At);
    }
}
