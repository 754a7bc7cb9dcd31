using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>Where a file is damaged.</summary>
static class Place
{
    const int Edge = 256;

    /// <summary>A byte: anywhere, or near an end, where headers and footers say what the rest is.</summary>
    public static int Any(int length, ref SplitMix64 random)
    {
        var edge = Math.Min(length, Edge);
        return random.Next(3) switch
        {
            0 => random.Next(length),
            1 => random.Next(edge),
            _ => length - 1 - random.Next(edge),
        };
    }

    /// <summary>One of <paramref name="marks"/>; where the file has none, any byte.</summary>
    public static int At(byte[] whole, ReadOnlySpan<byte> marks, ref SplitMix64 random)
    {
        var from = random.Next(whole.Length);
        var found = whole.AsSpan(from).IndexOfAny(marks);
        found = found < 0 ? whole.AsSpan().IndexOfAny(marks) : from + found;
        return found < 0 ? Any(whole.Length, ref random) : found;
    }

    /// <summary>The file with <paramref name="text"/> in place of <paramref name="length"/> bytes.</summary>
    public static byte[] Replace(byte[] whole, int at, int length, ReadOnlySpan<byte> text) =>
        [.. whole[..at], .. text, .. whole[(at + length)..]];
}
