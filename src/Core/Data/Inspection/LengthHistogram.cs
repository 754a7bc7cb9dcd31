namespace OrtDpo.Core.Data.Inspection;

/// <summary>How many of three kinds of token lists have which length, over the same bins.</summary>
/// <param name="BinWidth">Lengths in a bin, except for the last.</param>
/// <param name="Bins">From 1 on; the last is open at its end.</param>
public sealed record LengthHistogram(int BinWidth, IReadOnlyList<LengthBin> Bins)
{
    const int MostBins = 12;

    /// <summary>Counts lengths, in tokens; the bins reach to the 98th percentile of all.</summary>
    public static LengthHistogram Of(IReadOnlyList<int> prompts, IReadOnlyList<int> chosen, IReadOnlyList<int> rejected)
    {
        var sorted = prompts.Concat(chosen).Concat(rejected).Order().ToArray();
        var reach = sorted.Length == 0 ? 1 : sorted[(int)((sorted.Length - 1) * 0.98)];
        var width = RoundUp((reach + MostBins - 2) / (MostBins - 1));
        var count = ((reach - 1) / width) + 1;
        var bins = Enumerable.Range(0, count + 1).Select(i => new LengthBin(
            (i * width) + 1,
            i == count ? null : (i + 1) * width,
            Count(prompts, i), Count(chosen, i), Count(rejected, i)));
        // Nothing beyond the percentile: the last bin is then no news.
        return new LengthHistogram(width, [.. bins.Where(bin => bin.To is not null || bin.Largest > 0)]);

        int Count(IReadOnlyList<int> lengths, int bin) => lengths.Count(length => Math.Min((length - 1) / width, count) == bin);
    }

    // 1, 2, 5, 10, 20, 50, …: bounds that people can read.
    static int RoundUp(int width)
    {
        for (var power = 1; ; power *= 10)
        {
            foreach (var digit in (ReadOnlySpan<int>)[1, 2, 5])
            {
                if (digit * power >= width)
                {
                    return digit * power;
                }
            }
        }
    }
}

/// <summary>One bin.</summary>
/// <param name="From">The shortest length in it.</param>
/// <param name="To">The longest length in it; null = open.</param>
/// <param name="Prompt">Prompts of such a length.</param>
/// <param name="Chosen">Chosen completions of such a length.</param>
/// <param name="Rejected">Rejected completions of such a length.</param>
public sealed record LengthBin(int From, int? To, int Prompt, int Chosen, int Rejected)
{
    /// <summary>The largest of the three counts.</summary>
    internal int Largest => Math.Max(Prompt, Math.Max(Chosen, Rejected));
}
