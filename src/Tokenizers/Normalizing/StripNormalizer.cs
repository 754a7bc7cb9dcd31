using Microsoft.ML.Tokenizers;

namespace OrtDpo.Tokenizers.Normalizing;

/// <summary>Takes white space from a text's ends.</summary>
sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    /// <summary>The same for a text that continues another, whose beginning is no end.</summary>
    public StripNormalizer WithoutLeft() => new(false, right);

    public override string Normalize(string original) => (left, right) switch
    {
        (true, true) => original.Trim(),
        (true, false) => original.TrimStart(),
        (false, true) => original.TrimEnd(),
        _ => original,
    };

    public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());
}
