namespace OrtDpo.Batches;

/// <summary>Which rows are looked at where not all can be: by the step-0 gate, and where a cache is scored again.</summary>
public static class RowSample
{
    /// <summary>A quarter of the sample is the longest rows, which accumulate the most error; the others come as they are drawn.</summary>
    /// <param name="rows">Distinct rows; of those of one length the first come first.</param>
    /// <param name="length">Positions that a row occupies.</param>
    /// <param name="drawn">The same rows in the order in which the others are taken.</param>
    /// <param name="count">Rows to take; all where there are fewer.</param>
    public static List<T> Of<T>(IEnumerable<T> rows, Func<T, int> length, IEnumerable<T> drawn, int count) =>
        [.. rows.OrderByDescending(length).Take(count / 4).Concat(drawn).Distinct().Take(count)];
}
