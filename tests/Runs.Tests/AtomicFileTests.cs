namespace OrtDpo.Runs.Tests;

public sealed class AtomicFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_write_that_fails_or_is_refused_leaves_the_old_file()
    {
        var path = folder.Write("file.txt", "old");
        Assert.Throws<TimeoutException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new TimeoutException();
        }));
        Assert.Throws<TimeoutException>(() => AtomicFile.Write(path, stream => stream.WriteByte(1), _ => throw new TimeoutException()));
        Assert.Equal("old", File.ReadAllText(path));
    }

    [Fact]
    public void A_write_replaces_the_file_and_what_a_killed_write_left()
    {
        var path = folder.Write("file.txt", "old");
        File.WriteAllText(path + AtomicFile.TemporarySuffix, "half of something longer");
        AtomicFile.WriteText(path, "new ü");
        Assert.Equal("new ü"u8.ToArray(), File.ReadAllBytes(path));
        Assert.Equal([path], Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void Json_with_an_unknown_a_missing_or_a_twice_given_member_is_refused_by_file_name()
    {
        var path = folder.File("p.json");
        FileJson.Write(path, new Point(1, "ü"));
        Assert.Equal("{\n  \"left_edge\": 1,\n  \"name\": \"ü\"\n}\n", File.ReadAllText(path));
        Assert.Equal(new Point(1, "ü"), FileJson.Read<Point>(path));
        foreach (var wrong in (string[])["{\"left_edge\": 1}", "{\"left_edge\": 1, \"name\": \"\", \"x\": 1}",
            "{\"left_edge\": 1, \"left_edge\": 1, \"name\": \"\"}", "{"])
        {
            File.WriteAllText(path, wrong);
            Assert.StartsWith(
                path, Assert.Throws<InvalidDataException>(() => FileJson.Read<Point>(path)).Message, StringComparison.Ordinal);
        }
    }

    sealed record Point(int LeftEdge, string Name);
}
