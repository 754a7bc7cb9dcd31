using Microsoft.ML.Tokenizers;

namespace OrtDpo.Core.Text.Normalizing;

/// <summary>Normalizers one after the other.</summary>
sealed class NormalizerSequence(IReadOnlyList<Normalizer> normalizers) : Normalizer
{
    /// <summary>The same without the dummy prefix, for a text that continues another.</summary>
    public NormalizerSequence WithoutPrefix() => new([.. normalizers.Where(n => n is not PrependNormalizer)]);

    public override string Normalize(string original) => normalizers.Aggregate(original, (text, normalizer) => normalizer.Normalize(text));

    public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());
}
