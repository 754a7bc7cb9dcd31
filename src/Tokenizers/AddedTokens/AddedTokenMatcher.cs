using System.Buffers;
using System.Text;
using OrtDpo.Tokenizers.Patterns;

namespace OrtDpo.Tokenizers.AddedTokens;

/// <summary>Cuts a text at the added tokens in it: the left-most first, and of those that begin there the longest.</summary>
sealed class AddedTokenMatcher
{
    readonly Dictionary<char, (string Content, AddedToken Token)[]> byFirstUnit;

    /// <param name="tokens">Each token, and the text by which it is found.</param>
    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        byFirstUnit = tokens.Where(t => t.Content.Length > 0)
            .GroupBy(t => t.Content[0])
            .ToDictionary(g => g.Key, g => g.OrderByDescending(t => t.Content.Length).ToArray());
    }

    /// <summary>The parts of <paramref name="text"/> in order; a part without a token is text to be encoded. No part is empty.</summary>
    public IEnumerable<(int Start, int Length, AddedToken? Token)> Cut(string text)
    {
        var done = 0;
        for (var at = 0; at < text.Length && byFirstUnit.Count > 0;)
        {
            if (Longest(text, at) is not var (content, token))
            {
                at++;
                continue;
            }

            var (start, end) = (at, at + content.Length);
            at = end;
            if (token.SingleWord && (TouchesWordBefore(text, start) || TouchesWordAfter(text, end)))
            {
                continue;
            }

            while (token.LeftStrip && start > done && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            // White space that an earlier token took may be the beginning of this one.
            start = Math.Max(start, done);
            if (start > done)
            {
                yield return (done, start - done, null);
            }

            yield return (start, end - start, token);
            done = end;
        }

        if (done < text.Length)
        {
            yield return (done, text.Length - done, null);
        }
    }

    (string Content, AddedToken Token)? Longest(string text, int at)
    {
        if (!byFirstUnit.TryGetValue(text[at], out var candidates))
        {
            return null;
        }

        foreach (var candidate in candidates)
        {
            if (string.CompareOrdinal(text, at, candidate.Content, 0, candidate.Content.Length) == 0)
            {
                return candidate;
            }
        }

        return null;
    }

    static bool TouchesWordBefore(string text, int start) =>
        Rune.DecodeLastFromUtf16(text.AsSpan(0, start), out var rune, out _) == OperationStatus.Done
        && CharacterClasses.IsWord(rune.Value);

    static bool TouchesWordAfter(string text, int end) =>
        Rune.DecodeFromUtf16(text.AsSpan(end), out var rune, out _) == OperationStatus.Done && CharacterClasses.IsWord(rune.Value);
}
