namespace OrtDpo.Data.Tests;

public sealed class ColumnNamesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("chosen=good,rejected=bad", """{"prompt": "p", "good": "c", "bad": "r"}""")]
    [InlineData("rejected=chosen,chosen=rejected", """{"prompt": "p", "chosen": "r", "rejected": "c"}""")]
    [InlineData("prompt=question,chosen=best", """{"question": "p", "prompt": "not meant", "best": "c", "rejected": "r"}""")]
    public void Columns_are_read_under_the_names_that_they_have(string names, string row)
    {
        var pair = Assert.Single(Read(names, row));

        Assert.Equal(("p", "c", "r"), (pair.Prompt, pair.Chosen, pair.Rejected));
    }

    [Fact]
    public void A_row_without_a_named_column_is_refused()
    {
        var error = Assert.Throws<InvalidDataException>(
            () => Read(
                "chosen=good",
                """{"prompt": "p", "good": "c", "rejected": "r"}""",
                """{"prompt": "p", "chosen": "c", "rejected": "r"}"""));

        Assert.Contains("line 2: 'good' is missing", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chosen")]
    [InlineData("chosen=")]
    [InlineData("chosen=a=b")]
    [InlineData("chosen=a,chosen=b")]
    [InlineData("chosen=a,rejected=a")]
    [InlineData("")]
    public void What_is_no_list_of_names_is_refused(string names) => Assert.Throws<ArgumentException>(() => ColumnNames.Parse(names));

    [Fact]
    public void Names_change_the_identity_of_the_data_and_their_order_does_not()
    {
        static string Of(string? names) => DataDigest.Of(
            new DataSettings { Files = DataSource.FromPaths(["a"], names is null ? null : ColumnNames.Parse(names)) },
            [new LedgerSource("a", "b", 1)]);

        Assert.Equal(Of("chosen=a,rejected=b"), Of("rejected=b,chosen=a"));
        Assert.Equal(3, new[] { Of(null), Of("chosen=a"), Of("chosen=b") }.Distinct().Count());
    }

    List<ExampleText> Read(string names, params string[] rows) =>
        [.. PairFile.Read(folder.Write("rows.jsonl", string.Join('\n', rows)), "rows", ColumnNames.Parse(names))];
}
