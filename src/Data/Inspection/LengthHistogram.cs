using System.Text.Json.Serialization;

namespace OrtDpo.Data.Inspection;

/// <summary>How many token lists of each part of a row have which length, over the same bins.</summary>
/// <param name="BinWidth">Lengths in a bin, except for the last.</param>
/// <param name="Bins">From 1 on; the last is open at its end.</param>
/// <param name="Parts">What is counted: <c>prompt</c>, <c>chosen</c>, …</param>
public sealed record LengthHistogram(int BinWidth, IReadOnlyList<LengthBin> Bins, IReadOnlyList<string> Parts)
{
    const int MostBins = 12;

    /// <summary>Counts lengths, in tokens, of the parts by name; the bins reach to the 98th percentile of all.</summary>
    public static LengthHistogram Of(params IReadOnlyList<(string Name, IReadOnlyList<int> Lengths)> parts)
    {
        var sorted = parts.SelectMany(part => part.Lengths).Order().ToArray();
        var reach = sorted.Length == 0 ? 1 : sorted[(int)((sorted.Length - 1) * 0.98)];
        var width = RoundUp((reach + MostBins - 2) / (MostBins - 1));
        var count = ((reach - 1) / width) + 1;
        var bins = Enumerable.Range(0, count + 1).Select(i => new LengthBin((i * width) + 1, i == count ? null : (i + 1) * width)
        {
            Counts = parts.ToDictionary(part => part.Name, part => (object)Count(part.Lengths, i)),
        });
        // Nothing beyond the percentile: the last bin is then no news.
        return new LengthHistogram(
            width, [.. bins.Where(bin => bin.To is not null || bin.Largest > 0)], [.. parts.Select(part => part.Name)]);

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
public sealed record LengthBin(int From, int? To)
{
    /// <summary>How many of each part have such a length, as <see cref="int"/>; in JSON these are members of the bin.</summary>
    [JsonExtensionData]
    public IDictionary<string, object> Counts { get; init; } = new Dictionary<string, object>();

    /// <summary>The largest count.</summary>
    internal int Largest => Counts.Keys.Max(Of);

    /// <summary>How many of <paramref name="part"/>.</summary>
    public int Of(string part) => (int)Counts[part];
}
