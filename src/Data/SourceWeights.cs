using System.Globalization;

namespace OrtDpo.Data;

/// <summary>How often the training rows of each source of a run are used, as the option <c>--weights</c> says it.</summary>
public static class SourceWeights
{
    // A copy costs a line of the cache; a larger number is a mistake.
    const int MostCopies = 100;

    /// <summary>Reads one number for each of <paramref name="count"/> sources: <c>1,0.5</c>.</summary>
    /// <exception cref="ArgumentException">There are more or fewer numbers, one is out of range, or all are 1.</exception>
    public static double[] Parse(string text, int count)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = Array.ConvertAll(text.Split(','), part => WeightOf(part)
            ?? throw new ArgumentException($"`Weights` is '{text}'; '{part}' must be a number above 0 and at most {MostCopies}."));
        if (found.Length != count)
        {
            throw new ArgumentException($"`Weights` has {found.Length} numbers, and `Files` names {count}; "
                + "give each its weight, in their order.");
        }

        return Array.TrueForAll(found, weight => weight == 1)
            ? throw new ArgumentException($"`Weights` is '{text}', which has no effect: every row is used once without it.")
            : found;
    }

    static double? WeightOf(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
        && weight is > 0 and <= MostCopies
            ? weight
            : null;
}
