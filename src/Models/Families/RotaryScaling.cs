using System.Globalization;

namespace OrtDpo.Models.Families;

/// <summary>How rotary frequencies are stretched to longer texts; <c>rope_type</c> in <c>config.json</c>.</summary>
public abstract record RotaryScaling
{
    /// <summary>They are not.</summary>
    public static RotaryScaling None { get; } = new PlainScaling();

    /// <summary>With what cosines and sines are multiplied, hence the scores with its square.</summary>
    public virtual double AttentionFactor => 1;

    /// <summary>The frequencies, radians per position of each rotary pair, from those without stretching.</summary>
    /// <param name="plain"><c>[D / 2]</c>: theta^(−2i/D).</param>
    /// <param name="theta">Their base.</param>
    public abstract double[] Stretch(double[] plain, double theta);

    /// <summary>The same for sequences of at most <paramref name="maxLength"/> tokens, where the choice depends on it.</summary>
    public virtual RotaryScaling For(int maxLength) => this;

    /// <summary>All numbers of it and the base, as one line of text.</summary>
    internal abstract string Canonical(double theta);

    private protected static string Join(string name, params double[] numbers) =>
        $"{name},{string.Join(',', numbers.Select(n => n.ToString(CultureInfo.InvariantCulture)))}";

    sealed record PlainScaling : RotaryScaling
    {
        public override double[] Stretch(double[] plain, double theta) => plain;

        internal override string Canonical(double theta) => Join("None", theta, 1, 1, 1, 1);
    }
}

/// <summary>Every frequency divided by the factor (arXiv:2306.15595).</summary>
public sealed record LinearScaling(double Factor) : RotaryScaling
{
    public override double[] Stretch(double[] plain, double theta) => Array.ConvertAll(plain, frequency => frequency / Factor);

    internal override string Canonical(double theta) => Join("Linear", theta, Factor, 1, 1, 1);
}

/// <summary>Only long wavelengths divided by the factor, with a linear passage between.</summary>
/// <param name="Factor">By how much.</param>
/// <param name="LowFrequencyFactor">Wavelengths above original positions / this are stretched in full.</param>
/// <param name="HighFrequencyFactor">Wavelengths below original positions / this are left alone.</param>
/// <param name="OriginalMaxPositions">The positions before stretching.</param>
public sealed record Llama3Scaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions)
    : RotaryScaling
{
    public override double[] Stretch(double[] plain, double theta) => Array.ConvertAll(plain, frequency =>
    {
        // The share that is left alone grows linearly with the turns that the pair makes within the original positions.
        var turns = OriginalMaxPositions * frequency / (2 * Math.PI);
        var kept = Math.Clamp((turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
        return ((1 - kept) * frequency / Factor) + (kept * frequency);
    });

    internal override string Canonical(double theta) =>
        Join("Llama3", theta, Factor, LowFrequencyFactor, HighFrequencyFactor, OriginalMaxPositions);
}
