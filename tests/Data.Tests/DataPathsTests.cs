namespace OrtDpo.Data.Tests;

public sealed class DataPathsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public DataPathsTests()
    {
        foreach (var name in new[] { "b.jsonl", "a.json", "c.jsonl.gz", "d.parquet", "notes.txt", "B.jsonl" })
        {
            folder.Write(name, "");
        }
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", "B.jsonl a.json b.jsonl c.jsonl.gz d.parquet")]
    [InlineData("*.jsonl", "B.jsonl b.jsonl")]
    [InlineData("?.json*", "B.jsonl a.json b.jsonl c.jsonl.gz")]
    [InlineData("notes.txt", "notes.txt")]
    [InlineData("none.jsonl", "none.jsonl")]
    public void A_folder_or_a_pattern_stands_for_its_data_files_in_order(string path, string expected) => Assert.Equal(
        expected.Split(' '), DataPaths.Expand([Path.Combine(folder.Path, path)]).Select(Path.GetFileName));

    [Theory]
    [InlineData("*/train.jsonl", "x/train.jsonl y/train.jsonl")]
    [InlineData("**/*.jsonl", "B.jsonl b.jsonl x/deep/er/more.jsonl x/train.jsonl y/train.jsonl")]
    [InlineData("x/**/*.jsonl", "x/deep/er/more.jsonl x/train.jsonl")]
    [InlineData("?/**/more.jsonl", "x/deep/er/more.jsonl")]
    [InlineData("**/e?/**", "x/deep/er/more.jsonl")]
    [InlineData(".h*/*.jsonl", ".hidden/secret.jsonl")]
    public void A_pattern_reaches_into_folders_and_leaves_hidden_ones_alone(string pattern, string expected)
    {
        foreach (var path in new[] { "x/train.jsonl", "y/train.jsonl", "x/deep/er/more.jsonl", ".hidden/secret.jsonl" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(path))!);
            folder.Write(path, "");
        }

        Assert.Equal(
            expected.Split(' '),
            DataPaths.Expand([Path.Combine(folder.Path, pattern)])
                .Select(file => Path.GetRelativePath(folder.Path, file)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_stands_for_no_file_at_all_is_refused()
    {
        Directory.CreateDirectory(folder.File("empty"));

        Assert.Contains("no data files", Refusal("empty"), StringComparison.Ordinal);
        Assert.Contains("No file matches", Refusal("*.csv"), StringComparison.Ordinal);
        Assert.Contains("No file matches", Refusal("missing/*.csv"), StringComparison.Ordinal);
        Assert.Contains("No file matches", Refusal("**/missing/*.jsonl"), StringComparison.Ordinal);
    }

    string Refusal(string path) => Assert.Throws<FileNotFoundException>(() => DataPaths.Expand([folder.File(path)])).Message;
}
