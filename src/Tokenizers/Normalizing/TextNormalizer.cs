using Microsoft.ML.Tokenizers;

namespace OrtDpo.Tokenizers.Normalizing;

/// <summary>A normalizer that is one function, the same wherever the text stands.</summary>
sealed class TextNormalizer(Func<string, string> normalize) : Normalizer
{
    public override string Normalize(string original) => normalize(original);

    public override string Normalize(ReadOnlySpan<char> original) => normalize(original.ToString());
}
