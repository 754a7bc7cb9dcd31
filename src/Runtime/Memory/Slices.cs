namespace OrtDpo.Runtime.Memory;

/// <summary>Elements that are gone through a part at a time, so that what is needed beside them does not grow with them.</summary>
public static class Slices
{
    /// <summary>The parts of <paramref name="count"/> elements, of <paramref name="most"/> each but for the last.</summary>
    public static IEnumerable<(long Start, long Length)> Of(long count, long most)
    {
        for (var start = 0L; start < count; start += most)
        {
            yield return (start, Math.Min(most, count - start));
        }
    }
}
