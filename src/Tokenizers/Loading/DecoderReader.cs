using OrtDpo.Tokenizers.Decoding;
using OrtDpo.Tokenizers.Splitting;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>Reads the decoder of a tokenizer.json.</summary>
static class DecoderReader
{
    public static DecodeStep Read(JsonPart? decoder) => decoder is not { } part ? DecodeSteps.JoinWithSpaces : part.Text("type") switch
    {
        "Sequence" => DecodeSteps.Sequence([.. part.Required("decoders").Items().Select(p => Read(p))]),
        "ByteLevel" => DecodeSteps.ByteLevel,
        "ByteFallback" => DecodeSteps.ByteFallback,
        "Fuse" => DecodeSteps.Fuse,
        "Replace" => DecodeSteps.Replace(NormalizerReader.Replacement(part)),
        "Strip" => DecodeSteps.Strip(Character(part), part.Number("start"), part.Number("stop")),
        "Metaspace" => Metaspace(part),
        "BPEDecoder" => DecodeSteps.WordSuffix(part.Text("suffix")),
        var type => throw new NotSupportedException(
            $"{part.Where} is '{type}', which is not supported. " +
            "Supported decoders: Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, BPEDecoder."),
    };

    static char Character(JsonPart part) => part.Text("content") is [var only]
        ? only
        : throw new InvalidDataException($"{part.Where} strips '{part.Text("content")}', where one character is expected.");

    static DecodeStep Metaspace(JsonPart part)
    {
        var rule = PreTokenizerReader.Metaspace(part);
        return DecodeSteps.Metaspace(rule.Prefix, stripFirst: rule.Scheme != PrefixScheme.Never);
    }
}
