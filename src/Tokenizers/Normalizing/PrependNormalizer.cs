using Microsoft.ML.Tokenizers;

namespace OrtDpo.Tokenizers.Normalizing;

/// <summary>Puts a fixed text before any text that is not empty: the dummy prefix of SentencePiece.</summary>
sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override string Normalize(string original) => original.Length == 0 ? original : prefix + original;

    public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());
}
