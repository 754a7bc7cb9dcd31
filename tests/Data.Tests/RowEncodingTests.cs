using OrtDpo.Batches;

namespace OrtDpo.Data.Tests;

public sealed class RowEncodingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(5000)]
    public void Rows_come_in_their_order_each_with_its_own(int count)
    {
        var rows = RowEncoding.Ahead(Rows(count), row => row.Prompt.Length).ToList();
        Assert.Equal(Enumerable.Range(1, count).Select(i => (long)i), rows.Select(row => row.Text.SourceRow));
        Assert.All(rows, row => Assert.Equal(row.Text.Prompt.Length, row.Encoded));
    }

    [Fact]
    public void The_error_of_the_first_faulty_row_passes_through_as_it_is()
    {
        var e = Assert.Throws<InvalidDataException>(() => RowEncoding.Ahead(
            Rows(3000), row => row.SourceRow is 700 or 2000 ? throw new InvalidDataException($"row {row.SourceRow}") : 0).ToList());
        Assert.Equal("row 700", e.Message);
    }

    [Fact]
    public void No_more_than_a_few_chunks_are_read_ahead()
    {
        var read = 0;
        using var rows = RowEncoding.Ahead(Rows(100_000).Select(row =>
        {
            read++;
            return row;
        }), _ => 0).GetEnumerator();
        Assert.True(rows.MoveNext());
        Assert.InRange(read, 1, 64 * (Environment.ProcessorCount + 2));
    }

    static IEnumerable<ExampleText> Rows(int count) =>
        Enumerable.Range(1, count).Select(i => new ExampleText("a", i, new string('p', i % 50), ["c"], Judgement.Nothing));
}
