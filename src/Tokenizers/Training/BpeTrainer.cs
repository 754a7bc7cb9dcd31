using OrtDpo.Tokenizers.AddedTokens;
using OrtDpo.Tokenizers.Bpe;
using OrtDpo.Tokenizers.Loading;
using OrtDpo.Tokenizers.Unicode;

namespace OrtDpo.Tokenizers.Training;

/// <summary>Learns byte-level BPE from text: GPT-2's words, spelled in bytes, and the most frequent neighbours merged first.</summary>
public static class BpeTrainer
{
    /// <summary>
    /// Learns a vocabulary of at most <paramref name="vocabularySize"/> tokens: the special tokens, the 256 bytes, then the merges. It is
    /// smaller if no pair of tokens is left that occurs twice. The same texts give the same tokenizer.
    /// </summary>
    /// <exception cref="ArgumentException">The vocabulary is too small for the special tokens and the bytes, or a special token is
    /// repeated or a single character.</exception>
    public static TrainedTokenizer Train(IEnumerable<string> texts, int vocabularySize, IReadOnlyList<string> specialTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, specialTokens.Count + 256);
        if (specialTokens.Distinct().Count() < specialTokens.Count || specialTokens.Any(t => t.Length < 2))
        {
            throw new ArgumentException("Special tokens must be distinct and longer than one character.", nameof(specialTokens));
        }

        var tokens = new List<string>(specialTokens);
        for (var b = 0; b < 256; b++)
        {
            tokens.Add(ByteAlphabet.Character((byte)b).ToString());
        }

        var pairs = new PairCounts();
        foreach (var (word, count) in Words(texts, specialTokens))
        {
            pairs.Add(Spell(word, specialTokens.Count), count);
        }

        var ids = tokens.Index().ToDictionary(t => t.Item, t => t.Index);
        var merges = new List<(int Left, int Right)>();
        while (tokens.Count < vocabularySize && pairs.TakeMostFrequent() is var (left, right))
        {
            // Two pairs may make the same token: a|bc and ab|c.
            var token = tokens[left] + tokens[right];
            if (ids.TryAdd(token, tokens.Count))
            {
                tokens.Add(token);
            }

            merges.Add((left, right));
            pairs.Merge(left, right, ids[token]);
        }

        return new TrainedTokenizer(specialTokens, tokens, merges);
    }

    static Dictionary<string, long> Words(IEnumerable<string> texts, IReadOnlyList<string> specialTokens)
    {
        var matcher = new AddedTokenMatcher(specialTokens.Select((t, id) => (t, new AddedToken(id, t, true, false, false, false, false))));
        var splitter = PreTokenizerReader.Gpt2Words();
        var words = new Dictionary<string, long>();
        foreach (var text in texts.Select(WellFormed.Of))
        {
            foreach (var (start, length, _) in matcher.Cut(text).Where(part => part.Token is null))
            {
                var part = text.Substring(start, length);
                foreach (var (offset, wordLength) in splitter.PreTokenize(part))
                {
                    var word = part.Substring(offset, wordLength);
                    words[word] = words.GetValueOrDefault(word) + 1;
                }
            }
        }

        return words;
    }

    static List<int> Spell(string word, int firstByteId) => [.. System.Text.Encoding.UTF8.GetBytes(word).Select(b => firstByteId + b)];
}
