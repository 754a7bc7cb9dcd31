namespace OrtDpo.Batches.Tests;

public sealed class RowSampleTests
{
    // Lengths of the rows 0 … 9; the two longest of eight are 7 and 2, which comes before 5 of the same length.
    static readonly int[] Lengths = [1, 3, 8, 2, 4, 8, 1, 9, 2, 5];

    [Fact]
    public void A_quarter_is_the_longest_and_the_others_come_as_they_are_drawn()
    {
        int[] drawn = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
        Assert.Equal([7, 2, 9, 8, 6, 5, 4, 3], RowSample.Of(Enumerable.Range(0, 10), i => Lengths[i], drawn, count: 8));
    }

    [Fact]
    public void Fewer_rows_than_the_sample_are_all_taken_once() =>
        Assert.Equal([2, 0, 1], RowSample.Of(Enumerable.Range(0, 3), i => Lengths[i], [0, 1, 2], count: 4));
}
