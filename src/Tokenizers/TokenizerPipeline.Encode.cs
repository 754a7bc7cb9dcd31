using System.Text;
using Microsoft.ML.Tokenizers;

namespace OrtDpo.Tokenizers;

// The package's ways to encode. The normalized text is what the pieces make together, after normalizer and prefix.
sealed partial class TokenizerPipeline
{
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var tokens = new List<EncodedToken>();
        var normalized = new StringBuilder();
        var (normalize, split) = (settings.ConsiderNormalization, settings.ConsiderPreTokenization);
        foreach (var piece in Pieces(text ?? textSpan.ToString(), normalize, split, prefix: true))
        {
            var start = normalized.Length;
            normalized.Append(piece.Text, piece.Start, piece.Length);
            if (piece.Token is { } added)
            {
                tokens.Add(new EncodedToken(added.Id, added.Content, start..normalized.Length));
                continue;
            }

            AddTokens(tokens, piece, start);
        }

        var whole = tokens.Count <= settings.MaxTokenCount;
        return new EncodeResults<EncodedToken>
        {
            Tokens = whole ? tokens : tokens.GetRange(0, settings.MaxTokenCount),
            NormalizedText = normalized.ToString(),
            CharsConsumed = whole ? normalized.Length : tokens[settings.MaxTokenCount].Offset.Start.Value,
        };
    }

    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var results = EncodeToTokens(text, textSpan, settings);
        return new EncodeResults<int>
        {
            Tokens = [.. results.Tokens.Select(t => t.Id)],
            NormalizedText = results.NormalizedText,
            CharsConsumed = results.CharsConsumed,
        };
    }

    void AddTokens(List<EncodedToken> tokens, Piece piece, int start)
    {
        var text = piece.Text.AsSpan(piece.Start, piece.Length);
        var (ids, lengths) = definition.Model.Tokens(text);
        var unitOfByte = definition.Model.ByteLevel ? UnitsOfBytes(text) : null;
        var at = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            var end = at + lengths[i];
            var range = unitOfByte is null ? (start + at)..(start + end) : (start + unitOfByte[at])..(start + unitOfByte[end]);
            tokens.Add(new EncodedToken(ids[i], definition.Model.Vocabulary.Token(ids[i])!, range));
            at = end;
        }
    }

    // For each byte of the UTF-8 form the UTF-16 unit at which its character begins; one more entry for the end.
    static int[] UnitsOfBytes(ReadOnlySpan<char> text)
    {
        var units = new int[Encoding.UTF8.GetByteCount(text) + 1];
        var (at, unit) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            units.AsSpan(at, rune.Utf8SequenceLength).Fill(unit);
            at += rune.Utf8SequenceLength;
            unit += rune.Utf16SequenceLength;
        }

        units[at] = unit;
        return units;
    }
}
