using Microsoft.ML.Tokenizers;
using OrtDpo.Tokenizers.AddedTokens;
using OrtDpo.Tokenizers.Bpe;
using OrtDpo.Tokenizers.Decoding;
using OrtDpo.Tokenizers.Normalizing;
using OrtDpo.Tokenizers.Splitting;

namespace OrtDpo.Tokenizers;

/// <summary>Everything that decides which ids a text gets, whatever kind of file it came from.</summary>
sealed record TokenizerDefinition
{
    public required BpeModel Model { get; init; }

    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    public required NormalizerSequence Normalizer { get; init; }

    public required PrefixRule Prefix { get; init; }

    /// <summary>Null: a text between added tokens is one piece.</summary>
    public required PreTokenizer? Splitter { get; init; }

    public required DecodeStep Decode { get; init; }

    /// <summary>The ids that the post-processor puts before a text.</summary>
    public required IReadOnlyList<int> LeadingIds { get; init; }

    /// <summary>The ids that the post-processor puts after a text.</summary>
    public required IReadOnlyList<int> TrailingIds { get; init; }

    /// <summary>The beginning-of-sequence token that the files themselves imply; null: tokenizer_config.json has to name it.</summary>
    public int? ImpliedBosId { get; init; }

    /// <summary>Likewise the end-of-sequence token.</summary>
    public int? ImpliedEosId { get; init; }

    /// <summary>Normalizer and pre-tokenizer in canonical JSON.</summary>
    public required string Rules { get; init; }

    /// <summary>One more than the largest id.</summary>
    public int Size => Math.Max(Model.Vocabulary.Size, AddedTokens.Count == 0 ? 0 : AddedTokens.Max(t => t.Id) + 1);

    /// <summary>The id of <paramref name="token"/>, an added one first; null if there is none.</summary>
    public int? Id(string token) =>
        AddedTokens.FirstOrDefault(t => t.Content == token)?.Id ?? (Model.Vocabulary.Id(token) is >= 0 and var id ? id : null);
}
