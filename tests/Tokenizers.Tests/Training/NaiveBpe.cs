using System.Text.RegularExpressions;

namespace OrtDpo.Tokenizers.Tests.Training;

/// <summary>BPE training in the obvious way: count all pairs, merge the most frequent, begin again.</summary>
static partial class NaiveBpe
{
    public static List<(string, string)> Train(IReadOnlyList<string> texts, int count, IReadOnlyList<string> specialTokens)
    {
        var cut = string.Join('|', specialTokens.Select(Regex.Escape).DefaultIfEmpty("(?!)"));
        var words = texts.SelectMany(t => Regex.Split(t, cut)).SelectMany(t => Words().Matches(t).Select(m => Spell(m.Value))).ToList();
        var order = Enumerable.Range(0, 256).Select(b => Spelling((byte)b)).ToList();
        var merges = new List<(string, string)>();
        while (merges.Count < count)
        {
            var best = words.SelectMany(w => w.Zip(w.Skip(1))).GroupBy(p => p).Where(g => g.Count() > 1)
                .OrderByDescending(g => g.Count()).ThenBy(g => order.IndexOf(g.Key.First)).ThenBy(g => order.IndexOf(g.Key.Second))
                .FirstOrDefault();
            if (best is null)
            {
                break;
            }

            var (left, right) = best.Key;
            merges.Add((left, right));
            if (!order.Contains(left + right))
            {
                order.Add(left + right);
            }

            words = [.. words.Select(w => Merge(w, left, right))];
        }

        return merges;
    }

    static List<string> Merge(List<string> word, string left, string right)
    {
        var merged = new List<string>();
        for (var i = 0; i < word.Count; i++)
        {
            var found = i + 1 < word.Count && word[i] == left && word[i + 1] == right;
            merged.Add(found ? left + right : word[i]);
            i += found ? 1 : 0;
        }

        return merged;
    }

    static List<string> Spell(string word) => [.. System.Text.Encoding.UTF8.GetBytes(word).Select(Spelling)];

    // GPT-2's table as its authors define it: the printable bytes, then 256 and up for the others in order.
    static string Spelling(byte value)
    {
        var printable = Enumerable.Range('!', 94).Concat(Enumerable.Range(0xA1, 12)).Concat(Enumerable.Range(0xAE, 82)).ToHashSet();
        return ((char)(printable.Contains(value) ? value : 256 + Enumerable.Range(0, value).Count(b => !printable.Contains(b)))).ToString();
    }

    // .NET's own engine serves here: no text of these tests has letters outside the first plane beside ones within.
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Words();
}
