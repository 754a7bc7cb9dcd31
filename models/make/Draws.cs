using OrtDpo.Batches;

namespace OrtDpo.DemoModel;

/// <summary>Random orders and numbers that depend on nothing but the seed.</summary>
public sealed class Draws(ulong seed)
{
    SplitMix64 random = new(seed);

    /// <summary>A standard normal number (Box and Muller).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(Unit())) * Math.Cos(2 * Math.PI * Unit());

    /// <summary>The items in random order (Fisher and Yates).</summary>
    public T[] Shuffled<T>(IEnumerable<T> items)
    {
        var shuffled = items.ToArray();
        for (var i = shuffled.Length - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
        }

        return shuffled;
    }

    // In (0, 1]: its logarithm is finite.
    double Unit() => ((random.Next() >> 11) + 1) * (1.0 / (1L << 53));
}
