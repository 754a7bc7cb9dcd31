using Microsoft.ML.Tokenizers;

namespace OrtDpo.Tokenizers.Normalizing;

/// <summary>Normalizers one after the other.</summary>
sealed class NormalizerSequence(IReadOnlyList<Normalizer> normalizers) : Normalizer
{
    /// <summary>The same without what it does to a beginning, for a text that continues another.</summary>
    public NormalizerSequence WithoutPrefix() => new([.. normalizers
        .Where(n => n is not PrependNormalizer)
        .Select(n => n is StripNormalizer strip ? strip.WithoutLeft() : n)]);

    public override string Normalize(string original) => normalizers.Aggregate(original, (text, normalizer) => normalizer.Normalize(text));

    public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());
}
