namespace OrtDpo.Runs.Tests;

public sealed class MetricsLinesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_a_run_writes_is_read_back_while_it_writes()
    {
        var path = folder.File("metrics.jsonl");
        using var file = new MetricsFile(path, length: 0);
        file.Append(new MetricsLine().Add("step", 1).Add("loss", 0.1 + 0.2).Add("grad_norm", double.PositiveInfinity));
        file.Append(new MetricsLine().Add("step", 2).Add("eval_rewards/margins", -1e-300));
        var lines = MetricsLines.Read(path);
        Assert.Equal(2, lines.Count);
        Assert.Equal(["step", "loss", "grad_norm"], lines[0].Values.Select(value => value.Key));
        Assert.Equal([1, 0.1 + 0.2, double.NaN], lines[0].Values.Select(value => value.Value));
        Assert.Equal(-1e-300, lines[1]["eval_rewards/margins"]);
    }

    [Fact]
    public void A_line_that_is_being_written_is_left_out_and_no_file_has_no_lines()
    {
        Assert.Equal([1, 2], MetricsLines.Read(folder.Write("a", "{\"step\":1}\n{\"step\":2}\n{\"ste")).Select(line => line["step"]));
        Assert.Empty(MetricsLines.Read(folder.Write("b", "")));
        Assert.Empty(MetricsLines.Read(folder.File("c")));
    }

    [Theory]
    [InlineData("{\"step\":1")]
    [InlineData("{\"loss\":1}")]
    [InlineData("{\"step\":\"one\"}")]
    [InlineData("[1]")]
    [InlineData("")]
    public void A_damaged_line_is_refused_by_its_number(string line)
    {
        var path = folder.Write("metrics.jsonl", $"{{\"step\":0}}\n{line}\n");
        Assert.StartsWith(
            $"{path} line 2 is no line of metrics as this program writes it: ",
            Assert.Throws<InvalidDataException>(() => MetricsLines.Read(path)).Message, StringComparison.Ordinal);
    }
}
