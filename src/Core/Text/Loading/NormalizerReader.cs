using Microsoft.ML.Tokenizers;
using OrtDpo.Core.Text.Normalizing;

namespace OrtDpo.Core.Text.Loading;

/// <summary>Reads the normalizer of a tokenizer.json.</summary>
static class NormalizerReader
{
    public static NormalizerSequence Read(JsonPart? normalizer) => new([.. Steps(normalizer)]);

    static IEnumerable<Normalizer> Steps(JsonPart? normalizer) => normalizer is not { } part ? [] : part.Text("type") switch
    {
        "Sequence" => part.Required("normalizers").Items().SelectMany(p => Steps(p)),
        "Prepend" => [new PrependNormalizer(part.Text("prepend"))],
        "Replace" => [new ReplaceNormalizer(Replaced(part), part.Text("content"))],
        var type => throw new NotSupportedException(
            $"{part.Where} is '{type}', which is not supported. Supported normalizers: Sequence, Prepend, Replace."),
    };

    /// <summary>The text that a Replace step looks for.</summary>
    internal static string Replaced(JsonPart part) => part.Required("pattern").Optional("String")?.Text()
        ?? throw new NotSupportedException(
            $"{part.Where} replaces a regular expression, which is not supported. It must replace a String.");
}
