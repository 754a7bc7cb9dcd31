using System.Text;
using Microsoft.ML.Tokenizers;
using OrtDpo.Tokenizers.Normalizing;
using OrtDpo.Tokenizers.Patterns;
using OrtDpo.Tokenizers.Unicode;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>Reads the normalizer of a tokenizer.json.</summary>
static class NormalizerReader
{
    public static NormalizerSequence Read(JsonPart? normalizer) => new([.. Steps(normalizer)]);

    static IEnumerable<Normalizer> Steps(JsonPart? normalizer) => normalizer is not { } part ? [] : part.Text("type") switch
    {
        "Sequence" => part.Required("normalizers").Items().SelectMany(p => Steps(p)),
        "NFC" => [new TextNormalizer(UnicodeForm.Nfc.Normalize)],
        "NFD" => [new TextNormalizer(UnicodeForm.Nfd.Normalize)],
        "NFKC" => [new TextNormalizer(UnicodeForm.Nfkc.Normalize)],
        "NFKD" => [new TextNormalizer(UnicodeForm.Nfkd.Normalize)],
        "Lowercase" => [new TextNormalizer(Letters.Lower)],
        "StripAccents" => [new TextNormalizer(Letters.WithoutMarks)],
        "Strip" => [new StripNormalizer(part.Required("strip_left").Flag(), part.Required("strip_right").Flag())],
        "Prepend" => [new PrependNormalizer(part.Text("prepend"))],
        "Replace" => [new TextNormalizer(Replacement(part))],
        var type => throw new NotSupportedException(
            $"{part.Where} is '{type}', which is not supported. Supported normalizers: " +
            "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Prepend, Replace."),
    };

    /// <summary>A Replace step: of a text, or of a pattern's matches; what is put there is meant as it stands.</summary>
    internal static Func<string, string> Replacement(JsonPart part)
    {
        var content = part.Text("content");
        if (part.Required("pattern").Optional("String") is { } literal)
        {
            var found = literal.Text();
            return text => text.Replace(found, content, StringComparison.Ordinal);
        }

        var pattern = Pattern.Parse(part.Required("pattern").Text("Regex"));
        return text =>
        {
            var (replaced, done) = (new StringBuilder(), 0);
            while (pattern.Find(text, done, out var start, out var end))
            {
                replaced.Append(text, done, start - done).Append(content);
                done = end;
            }

            return replaced.Append(text, done, text.Length - done).ToString();
        };
    }
}
