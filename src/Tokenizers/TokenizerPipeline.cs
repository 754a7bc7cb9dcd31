using System.Buffers;
using Microsoft.ML.Tokenizers;
using OrtDpo.Tokenizers.AddedTokens;
using OrtDpo.Tokenizers.Unicode;

namespace OrtDpo.Tokenizers;

/// <summary>
/// A tokenizer as Hugging Face lays it out: added tokens, normalizer, pre-tokenizer, BPE, decoder; without the post-processor, so no
/// beginning- or end-of-sequence token is added. Safe from several threads.
/// </summary>
sealed partial class TokenizerPipeline : Tokenizer
{
    readonly TokenizerDefinition definition;
    readonly Normalizer continuationNormalizer;
    readonly AddedTokenMatcher tokensAsGiven;
    readonly AddedTokenMatcher tokensNormalized;
    readonly AddedTokenMatcher tokensNormalizedInContinuation;
    readonly Dictionary<int, AddedToken> addedById;

    public TokenizerPipeline(TokenizerDefinition definition)
    {
        this.definition = definition;
        continuationNormalizer = definition.Normalizer.WithoutPrefix();
        tokensAsGiven = new(definition.AddedTokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        tokensNormalized = Normalized(definition.Normalizer);
        tokensNormalizedInContinuation = Normalized(continuationNormalizer);
        addedById = definition.AddedTokens.ToDictionary(t => t.Id);
    }

    public override Normalizer Normalizer => definition.Normalizer;

    public override PreTokenizer? PreTokenizer => definition.Splitter;

    /// <summary>The token of <paramref name="id"/>, and whether it is special; null where no token has it.</summary>
    public (string Text, bool Added, bool Special)? Token(int id) =>
        addedById.TryGetValue(id, out var added) ? (added.Content, true, added.Special)
        : definition.Model.Vocabulary.Token(id) is { } token ? (token, false, false)
        : null;

    /// <summary>Adds the ids of <paramref name="text"/>, with the tokenizer's dummy prefix if <paramref name="prefix"/> is set.</summary>
    public void Encode(string text, bool prefix, List<int> ids)
    {
        foreach (var piece in Pieces(text, normalize: true, split: true, prefix))
        {
            if (piece.Token is { } token)
            {
                ids.Add(token.Id);
            }
            else
            {
                definition.Model.Encode(piece.Text.AsSpan(piece.Start, piece.Length), ids);
            }
        }
    }

    /// <summary>The text of <paramref name="ids"/>; ids without a token have none.</summary>
    public string Decode(IEnumerable<int> ids, bool skipSpecial)
    {
        var tokens = new List<string>();
        foreach (var id in ids)
        {
            if (Token(id) is var (text, _, special) && !(special && skipSpecial))
            {
                tokens.Add(text);
            }
        }

        return string.Concat(definition.Decode(tokens));
    }

    public override string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Decode(ids, skipSpecial: false);
    }

    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var all = ids.ToList();
        var text = Decode(all, skipSpecial: false);
        var fits = text.AsSpan().TryCopyTo(destination);
        (idsConsumed, charsWritten) = fits ? (all.Count, text.Length) : (0, 0);
        return fits ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    AddedTokenMatcher Normalized(Normalizer normalizer) =>
        new(definition.AddedTokens.Where(t => t.Normalized).Select(t => (normalizer.Normalize(t.Content), t)));

    IEnumerable<Piece> Pieces(string text, bool normalize, bool split, bool prefix)
    {
        text = WellFormed.Of(text);
        var normalizer = prefix ? definition.Normalizer : continuationNormalizer;
        var normalizedTokens = prefix ? tokensNormalized : tokensNormalizedInContinuation;
        foreach (var (start, length, token) in tokensAsGiven.Cut(text))
        {
            var part = text.Substring(start, length);
            if (token is not null)
            {
                yield return new Piece(part, 0, length, token);
                continue;
            }

            part = normalize ? normalizer.Normalize(part) : part;
            foreach (var piece in PiecesOfPart(part, normalizedTokens, split, prefix, first: start == 0))
            {
                yield return piece;
            }
        }
    }

    IEnumerable<Piece> PiecesOfPart(string part, AddedTokenMatcher normalizedTokens, bool split, bool prefix, bool first)
    {
        foreach (var (start, length, token) in normalizedTokens.Cut(part))
        {
            var text = part.Substring(start, length);
            if (token is not null)
            {
                yield return new Piece(text, 0, length, token);
                continue;
            }

            var rule = prefix ? definition.Prefix : definition.Prefix with { Scheme = Splitting.PrefixScheme.Never };
            text = rule.Apply(text, first && start == 0);
            if (!split || definition.Splitter is null)
            {
                yield return new Piece(text, 0, text.Length, null);
                continue;
            }

            foreach (var (offset, pieceLength) in definition.Splitter.PreTokenize(text))
            {
                yield return new Piece(text, offset, pieceLength, null);
            }
        }
    }

    // A range of Text that is one added token, or is encoded by itself.
    readonly record struct Piece(string Text, int Start, int Length, AddedToken? Token);
}
