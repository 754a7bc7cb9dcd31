namespace OrtDpo.Data.Tests.Cache;

public sealed class DiskFullTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("part-1of1-00001.parquet")]
    [InlineData("manifest-1of1.json")]
    [InlineData("ledger.json")]
    public void A_full_disk_is_named_and_the_same_run_continues_once_there_is_space(string file)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no /dev/full, the device that is always full.");
        new CacheRun().Write(folder.File("whole"));
        var path = folder.File("cache");
        Directory.CreateDirectory(path);
        var temporary = Path.Combine(path, file + ".tmp");
        File.CreateSymbolicLink(temporary, "/dev/full");
        var message = Assert.Throws<IOException>(() => new CacheRun().Write(path)).Message;
        Assert.Contains("The disk is full", message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(path, file), message, StringComparison.Ordinal);

        Assert.False(File.Exists(temporary));
        new CacheRun().Write(path);
        Assert.Equal(CacheRun.Bytes(folder.File("whole")), CacheRun.Bytes(path));
    }
}
