namespace OrtDpo.Data.Tests;

public sealed class HeldOutFilesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("plain.jsonl", null, "plain.jsonl")]
    [InlineData("hard=a.jsonl", "hard", "a.jsonl")]
    [InlineData("Hard-1_b=/data/a=b.jsonl", "Hard-1_b", "/data/a=b.jsonl")]
    [InlineData("./a=b.jsonl", null, "./a=b.jsonl")]
    [InlineData("/data/a=b.jsonl", null, "/data/a=b.jsonl")]
    [InlineData("two words=b.jsonl", null, "two words=b.jsonl")]
    [InlineData("=b.jsonl", null, "=b.jsonl")]
    public void A_word_before_the_first_equals_sign_is_the_name_of_a_set(string given, string? set, string path) =>
        Assert.Equal((set, path), HeldOutFiles.Split(given));

    [Fact]
    public void A_name_without_a_file_is_refused() =>
        Assert.Contains("hard= names a set and no file", Refusal("hard="), StringComparison.Ordinal);

    [Fact]
    public void A_name_that_would_make_that_of_another_metric_is_refused() =>
        Assert.Contains("another metric", Refusal("nll=a.jsonl"), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_reads_as_a_set_is_refused_with_the_way_to_name_it()
    {
        // Relative paths alone can read so, and the current folder is every test's.
        var name = $"ortdpo{Guid.NewGuid():N}=b.jsonl";
        File.WriteAllText(name, "");
        try
        {
            Assert.Contains($"Give it as {Path.Combine(".", name)}", Refusal(name), StringComparison.Ordinal);
            Assert.Equal((null, Path.Combine(".", name)), HeldOutFiles.Split(Path.Combine(".", name)));
        }
        finally
        {
            File.Delete(name);
        }
    }

    [Fact]
    public void A_folder_of_a_set_gives_all_its_files_to_it()
    {
        folder.Write("a.jsonl", "");
        folder.Write("b.jsonl", "");
        Assert.Equal(
            [("hard", folder.File("a.jsonl")), ("hard", folder.File("b.jsonl")), (null, folder.File("a.jsonl"))],
            HeldOutFiles.Expand([$"hard={folder.Path}", folder.File("a.jsonl")]));
    }

    static string Refusal(string given) => Assert.Throws<ArgumentException>(() => HeldOutFiles.Split(given)).Message;
}
