namespace OrtDpo.Models.Families;

/// <summary>
/// YaRN (arXiv:2309.00071): pairs that turn often within the original positions are left alone, those that turn seldom divided by the
/// factor, with a passage between that is linear in the pair's number.
/// </summary>
/// <param name="Factor">By how much.</param>
/// <param name="OriginalMaxPositions">The positions before stretching.</param>
/// <param name="BetaFast">A pair with this many turns ends the first part.</param>
/// <param name="BetaSlow">A pair with this many turns begins the last part.</param>
/// <param name="Truncate">Whether the ends of the passage are whole pairs.</param>
/// <param name="CosineFactor">With what cosines and sines are multiplied.</param>
public sealed record YarnScaling(
    double Factor, int OriginalMaxPositions, double BetaFast, double BetaSlow, bool Truncate, double CosineFactor) : RotaryScaling
{
    public override double AttentionFactor => CosineFactor;

    /// <summary>The paper's factor for cosines and sines: √(1/t) = 0.1 · weight · ln(factor) + 1.</summary>
    public static double Temperature(double factor, double weight = 1) => factor <= 1 ? 1 : (0.1 * weight * Math.Log(factor)) + 1;

    public override double[] Stretch(double[] plain, double theta)
    {
        var width = 2 * plain.Length;
        var first = PairOf(BetaFast);
        var last = PairOf(BetaSlow);
        if (Truncate)
        {
            (first, last) = (Math.Floor(first), Math.Ceiling(last));
        }

        (first, last) = (Math.Max(first, 0), Math.Min(last, width - 1));
        // Hugging Face's guard against a passage of no length.
        var length = first == last ? 0.001 : last - first;
        return [.. plain.Select((frequency, i) =>
        {
            var stretched = Math.Clamp((i - first) / length, 0, 1);
            return (frequency / Factor * stretched) + (frequency * (1 - stretched));
        })];

        // The number, not whole, of the pair that makes so many turns within the original positions.
        double PairOf(double turns) => width * Math.Log(OriginalMaxPositions / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
    }

    internal override string Canonical(double theta) =>
        Join("Yarn", theta, Factor, OriginalMaxPositions, BetaFast, BetaSlow, Truncate ? 1 : 0, CosineFactor);
}
