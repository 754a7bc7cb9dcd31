using System.Globalization;
using System.Numerics;

namespace OrtDpo.Training;

/// <summary>
/// Rows of like length: up to 16 tokens, up to 32, and so on in powers of two, so that buckets are the same in every run.
/// </summary>
/// <param name="Last">The most tokens of a row in it: a power of two.</param>
readonly record struct LengthBucket(int Last)
{
    const int Smallest = 16;

    /// <summary>Its name in metrics: <c>65-128</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{(Last == Smallest ? 1 : (Last / 2) + 1)}-{Last}");

    /// <summary>The bucket of a row.</summary>
    /// <param name="tokens">Of the prompt and the longer completion.</param>
    public static LengthBucket Of(int tokens) => new(Math.Max(Smallest, (int)BitOperations.RoundUpToPowerOf2((uint)tokens)));
}
