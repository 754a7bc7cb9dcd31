namespace OrtDpo.Cli.Train.Display;

/// <summary>Numbers as a line of characters of eight heights.</summary>
static class Sparkline
{
    const string Blocks = "▁▂▃▄▅▆▇█";

    // For terminals without them: from low to high as far as letters have it.
    const string Letters = "_.-~=+*#";

    /// <summary>The smallest is the lowest, the largest the highest; where all are the same, they are in the middle.</summary>
    /// <param name="values">Finite.</param>
    /// <param name="isUnicode">Whether the terminal has more than ASCII.</param>
    public static string Of(ReadOnlySpan<double> values, bool isUnicode)
    {
        var levels = isUnicode ? Blocks : Letters;
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        var line = new char[values.Length];
        for (var i = 0; i < line.Length; i++)
        {
            // Halves, so that two large numbers of opposite signs have a difference.
            var share = high > low ? ((values[i] / 2) - (low / 2)) / ((high / 2) - (low / 2)) : 0.5;
            line[i] = levels[Math.Min((int)(share * levels.Length), levels.Length - 1)];
        }

        return new string(line);
    }
}
