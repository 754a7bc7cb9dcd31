namespace OrtDpo.Models.Families;

/// <summary>
/// LongRoPE (arXiv:2402.13753): each pair is divided by a factor of its own, out of one list for sequences within the original positions
/// and another for longer ones. Which one is decided once for a run, by its longest sequence: decided batch by batch, as Hugging Face does
/// it, a sequence's numbers would depend on its neighbours.
/// </summary>
/// <param name="Short">Factors within the original positions, <c>[D / 2]</c>.</param>
/// <param name="Long">Factors beyond them, <c>[D / 2]</c>.</param>
/// <param name="OriginalMaxPositions">The positions before stretching.</param>
/// <param name="CosineFactor">With what cosines and sines are multiplied, short or long.</param>
/// <param name="IsLong">Which list is meant.</param>
public sealed record LongRopeScaling(
    IReadOnlyList<double> Short, IReadOnlyList<double> Long, int OriginalMaxPositions, double CosineFactor, bool IsLong) : RotaryScaling
{
    public override double AttentionFactor => CosineFactor;

    IReadOnlyList<double> Factors => IsLong ? Long : Short;

    /// <summary>√(1 + ln(factor) / ln(original positions)), 1 where nothing is stretched.</summary>
    public static double Temperature(double factor, int originalMaxPositions) =>
        factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(originalMaxPositions)));

    public override RotaryScaling For(int maxLength) =>
        maxLength > OriginalMaxPositions == IsLong ? this : this with { IsLong = !IsLong };

    public override double[] Stretch(double[] plain, double theta) => [.. plain.Zip(Factors, (frequency, factor) => frequency / factor)];

    internal override string Canonical(double theta) =>
        Join(IsLong ? "LongRope,long" : "LongRope,short", [theta, CosineFactor, .. Factors]);
}
