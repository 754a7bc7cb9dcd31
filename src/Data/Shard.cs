using System.Globalization;

namespace OrtDpo.Data;

/// <summary>Part <paramref name="Index"/> of <paramref name="Count"/> of the data, cut by prompt; from 1.</summary>
public readonly record struct Shard(int Index, int Count)
{
    /// <summary>All of the data.</summary>
    public static Shard Whole => new(1, 1);

    /// <summary>Whether rows of <paramref name="prompt"/> belong to this shard.</summary>
    public bool Holds(string prompt) => Count == 1 || PromptHash.Of(prompt) % (ulong)Count == (ulong)(Index - 1);

    /// <summary>Reads "i/n".</summary>
    /// <exception cref="ArgumentException">The text is no such shard.</exception>
    public static Shard Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0
            && int.TryParse(text.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && index >= 1 && index <= count)
        {
            return new Shard(index, count);
        }

        throw new ArgumentException($"The shard is '{text}'; expected i/n with 1 <= i <= n, such as 2/4.");
    }

    /// <summary>How file names carry it: "2of4".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}of{Count}");
}
