using System.Collections.Concurrent;
using System.Text;

namespace OrtDpo.Tokenizers.Bpe;

/// <summary>Byte-pair encoding of one piece of text, as Hugging Face's tokenizers do it.</summary>
/// <remarks>Safe from several threads.</remarks>
sealed class BpeModel
{
    const int CachedPieces = 1 << 17;
    const int LongestCachedPiece = 128;
    const char WordStart = '▁';

    readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> cache;
    readonly Lazy<bool> wordsStandAlone;
    int cachedPieces;

    public BpeModel()
    {
        cache = new ConcurrentDictionary<string, int[]>().GetAlternateLookup<ReadOnlySpan<char>>();
        wordsStandAlone = new(WordsStandAlone);
    }

    public required Vocabulary Vocabulary { get; init; }

    public required MergeTable Merges { get; init; }

    /// <summary>Whether a piece is spelled in <see cref="ByteAlphabet"/> before it is looked up.</summary>
    public bool ByteLevel { get; init; }

    /// <summary>Whether a character without a token becomes the tokens of its UTF-8 bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a piece that is itself a token is taken whole, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>The token of characters that have none; null: they are dropped.</summary>
    public int? UnknownId { get; init; }

    /// <summary>Whether neighbouring unknown characters give one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>What the token of a character has before it unless the character begins the piece; null: nothing.</summary>
    public string? ContinuingPrefix { get; init; }

    /// <summary>What the token of a piece's last character has behind it; null: nothing.</summary>
    public string? WordSuffix { get; init; }

    /// <summary>Adds the ids of <paramref name="piece"/>.</summary>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (!wordsStandAlone.Value)
        {
            EncodeWord(piece, ids);
            return;
        }

        var start = 0;
        for (var at = 1; at < piece.Length; at++)
        {
            if (piece[at] == WordStart && piece[at - 1] != WordStart)
            {
                EncodeWord(piece[start..at], ids);
                start = at;
            }
        }

        EncodeWord(piece[start..], ids);
    }

    void EncodeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        if (word.Length > LongestCachedPiece)
        {
            ids.AddRange(Tokens(word).Ids);
            return;
        }

        if (!cache.TryGetValue(word, out var found))
        {
            found = Tokens(word).Ids;
            if (Volatile.Read(ref cachedPieces) < CachedPieces && cache.TryAdd(word, found))
            {
                Interlocked.Increment(ref cachedPieces);
            }
        }

        ids.AddRange(found);
    }

    // Where no merge makes a token with ▁ behind another character, none crosses that boundary, and a text without pre-tokenizer may be
    // encoded word by word. ▁ must be a token itself, and no character may be dropped: else what stands around it could join.
    bool WordsStandAlone() => !ByteLevel && !IgnoreMerges && ContinuingPrefix is null && WordSuffix is null
        && UnknownId is not null && Vocabulary.IdOfRune(new Rune(WordStart)) >= 0
        && Merges.All.All(merge => Vocabulary.Token(merge.Id)!.AsSpan().TrimStart(WordStart).IndexOf(WordStart) < 0);

    /// <summary>
    /// The ids of <paramref name="piece"/> and how much each covers: UTF-8 bytes of the piece if <see cref="ByteLevel"/>, else UTF-16
    /// units, where the last of a character's byte tokens covers the whole character.
    /// </summary>
    public (int[] Ids, int[] Lengths) Tokens(ReadOnlySpan<char> piece)
    {
        var text = ByteLevel ? ByteAlphabet.Spell(piece) : piece;
        if (IgnoreMerges && Vocabulary.Id(text.ToString()) is >= 0 and var whole)
        {
            return ([whole], [text.Length]);
        }

        var symbols = new Symbols();
        var unknownLength = 0;
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.Utf16SequenceLength;
            var affixed = ContinuingPrefix is null && WordSuffix is null ? null : Affixed(text, at, length);
            at += length;
            var id = affixed is null ? Vocabulary.IdOfRune(rune) : Vocabulary.Id(affixed);
            if (id >= 0)
            {
                AddUnknown(symbols, ref unknownLength);
                symbols.Add(id, length);
            }
            else if (!(ByteFallback && AddBytes(symbols, affixed ?? rune.ToString(), length)) && UnknownId is not null)
            {
                // A pending unknown is held back even across byte tokens, which then precede it: so do the tokenizers that models saw.
                if (!FuseUnknown)
                {
                    AddUnknown(symbols, ref unknownLength);
                }

                unknownLength += length;
            }
        }

        AddUnknown(symbols, ref unknownLength);
        return symbols.Merge(Merges);
    }

    void AddUnknown(Symbols symbols, ref int length)
    {
        if (length > 0)
        {
            symbols.Add(UnknownId!.Value, length);
            length = 0;
        }
    }

    string Affixed(ReadOnlySpan<char> text, int at, int length)
    {
        var prefix = at == 0 ? null : ContinuingPrefix;
        var suffix = at + length == text.Length ? WordSuffix : null;
        return $"{prefix}{text.Slice(at, length)}{suffix}";
    }

    bool AddBytes(Symbols symbols, string character, int length)
    {
        var bytes = Encoding.UTF8.GetBytes(character);
        foreach (var value in bytes)
        {
            if (Vocabulary.IdOfByte(value) < 0)
            {
                return false;
            }
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            symbols.Add(Vocabulary.IdOfByte(bytes[i]), i == bytes.Length - 1 ? length : 0);
        }

        return true;
    }
}
