namespace OrtDpo.Models.Families;

/// <summary>Rotary positions (arXiv:2104.09864): the base, and how it is stretched to longer texts.</summary>
/// <param name="Theta">The base of the frequencies.</param>
public sealed record RotaryEmbedding(double Theta)
{
    /// <summary>How the frequencies are stretched.</summary>
    public RotaryScaling Scaling { get; init; } = RotaryScaling.None;

    /// <summary>The share of a head's features that is rotated, from the first on.</summary>
    public double Share { get; init; } = 1;

    /// <summary>The positions within which the frequencies are those of <see cref="Scaling"/>; beyond them they would be others.</summary>
    public int MaxPositions { get; init; } = int.MaxValue;

    /// <summary>Whether longer sequences would have other frequencies.</summary>
    public bool IsDynamic => MaxPositions < int.MaxValue;

    /// <summary>How many features of a head are rotated.</summary>
    public int Width(int headDim) => (int)(headDim * Share);

    /// <summary>
    /// <c>[width / 2]</c>, radians per position of each rotary pair, as Hugging Face computes them before rounding to float32.
    /// </summary>
    public double[] InverseFrequencies(int headDim)
    {
        var width = Width(headDim);
        double[] plain = [.. Enumerable.Range(0, width / 2).Select(i => Math.Pow(Theta, -2.0 * i / width))];
        return Scaling.Stretch(plain, Theta);
    }

    /// <summary>The same for sequences of at most <paramref name="maxLength"/> tokens; itself where that changes nothing.</summary>
    public RotaryEmbedding For(int maxLength) =>
        Scaling.For(maxLength) is var chosen && ReferenceEquals(chosen, Scaling) ? this : this with { Scaling = chosen };

    internal string Canonical() => Scaling.Canonical(Theta) + (Share == 1 ? "" : FormattableString.Invariant($",share={Share}"));
}
