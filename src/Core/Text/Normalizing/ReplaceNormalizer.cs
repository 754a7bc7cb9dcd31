using Microsoft.ML.Tokenizers;

namespace OrtDpo.Core.Text.Normalizing;

/// <summary>Replaces each occurrence of one text by another.</summary>
sealed class ReplaceNormalizer(string found, string replacement) : Normalizer
{
    public override string Normalize(string original) => original.Replace(found, replacement, StringComparison.Ordinal);

    public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());
}
