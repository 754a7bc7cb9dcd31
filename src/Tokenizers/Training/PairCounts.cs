namespace OrtDpo.Tokenizers.Training;

/// <summary>How often each pair of neighbouring tokens occurs, kept up to date while pairs merge.</summary>
sealed class PairCounts
{
    const int FewestOccurrences = 2;

    readonly List<(List<int> Tokens, long Count)> words = [];
    readonly Dictionary<(int Left, int Right), long> counts = [];
    readonly Dictionary<(int Left, int Right), HashSet<int>> wordsOfPair = [];
    readonly HashSet<(int Left, int Right)> changed = [];
    // Holds each pair under its count or a higher one that it once had.
    readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> queue = new();

    /// <summary>Adds a word that occurs <paramref name="count"/> times.</summary>
    public void Add(List<int> tokens, long count)
    {
        words.Add((tokens, count));
        Count(words.Count - 1, 1);
    }

    /// <summary>The pair with the highest count, of several the one with the lowest ids; null if none occurs twice.</summary>
    public (int Left, int Right)? TakeMostFrequent()
    {
        foreach (var pair in changed)
        {
            Enqueue(pair);
        }

        changed.Clear();
        while (queue.TryDequeue(out var pair, out var priority))
        {
            if (counts[pair] == -priority.NegativeCount)
            {
                return pair;
            }

            Enqueue(pair);
        }

        return null;
    }

    /// <summary>Replaces the pair by <paramref name="merged"/> in every word, from left to right.</summary>
    public void Merge(int left, int right, int merged)
    {
        foreach (var word in wordsOfPair[(left, right)].ToList())
        {
            Count(word, -1);
            Replace(words[word].Tokens, left, right, merged);
            Count(word, 1);
        }
    }

    void Enqueue((int Left, int Right) pair)
    {
        if (counts[pair] >= FewestOccurrences)
        {
            queue.Enqueue(pair, (-counts[pair], pair.Left, pair.Right));
        }
    }

    void Count(int word, int sign)
    {
        var (tokens, count) = words[word];
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            var pair = (tokens[i], tokens[i + 1]);
            counts[pair] = counts.GetValueOrDefault(pair) + (sign * count);
            changed.Add(pair);
            if (sign < 0)
            {
                wordsOfPair[pair].Remove(word);
            }
            else if (!wordsOfPair.TryGetValue(pair, out var holders))
            {
                wordsOfPair[pair] = [word];
            }
            else
            {
                holders.Add(word);
            }
        }
    }

    static void Replace(List<int> tokens, int left, int right, int merged)
    {
        var kept = 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            var found = i + 1 < tokens.Count && tokens[i] == left && tokens[i + 1] == right;
            tokens[kept++] = found ? merged : tokens[i];
            i += found ? 1 : 0;
        }

        tokens.RemoveRange(kept, tokens.Count - kept);
    }
}
