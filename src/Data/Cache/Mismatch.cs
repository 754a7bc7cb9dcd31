using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>
/// Which completion KTO puts behind which prompt to estimate how far the policy has moved: that of the next row in a permutation whose seed
/// comes from the data, so that it depends on neither the order of the rows nor on batches.
/// </summary>
public static class Mismatch
{
    /// <summary>For each key the key of the row whose completion it gets.</summary>
    /// <param name="keys">Distinct row keys of one split; at least two.</param>
    public static IReadOnlyDictionary<string, string> Assign(IEnumerable<string> keys)
    {
        var sorted = keys.Order(StringComparer.Ordinal).ToArray();
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(sorted.Select(key => key + "\n"))));
        var order = DataOrder.Permutation(sorted.Length, BinaryPrimitives.ReadUInt64BigEndian(digest), epoch: 0);
        return order
            .Select((place, i) => (Key: sorted[place], Next: sorted[order[(i + 1) % order.Length]]))
            .ToDictionary(pair => pair.Key, pair => pair.Next);
    }

    /// <summary>Adds the mismatched completions to what is scored: each shares its row's prompt.</summary>
    /// <exception cref="InvalidDataException">A split has one distinct row only.</exception>
    internal static IEnumerable<PlannedExample> With(IReadOnlyList<PlannedExample> planned, int maxLength)
    {
        var completions = planned.ToDictionary(p => p.Key, p => p.Scored.Completions[0]);
        // Within a split: held-out completions have no part in training, nor the other way round.
        return planned.GroupBy(p => p.Rows[0].Origins[0].Split).SelectMany(split =>
        {
            if (split.Count() < 2)
            {
                var row = split.First().Rows[0].Origins[0];
                var kind = split.Key == Split.Eval ? "held-out" : "training";
                throw new InvalidDataException($"{row.Source}:{row.SourceRow} is the only {kind} row, all its copies counted as one. "
                    + "Unpaired feedback is compared with the completion of another row: give at least two that differ.");
            }

            var next = Assign(split.Select(p => p.Key));
            return split.Select(p => p with
            {
                Scored = p.Scored with
                {
                    Completions = [p.Scored.Completions[0], Cut(p.Scored.Prompt, completions[next[p.Key]], maxLength)],
                },
                Rows = [p.Rows[0] with { KlRowKey = next[p.Key] }],
            });
        });
    }

    /// <summary><paramref name="completion"/> as far as it fits behind <paramref name="prompt"/>.</summary>
    /// <param name="prompt">A prompt that leaves room for at least one token.</param>
    /// <param name="completion">Another row's completion.</param>
    /// <param name="maxLength">Bounds prompt + completion, in tokens.</param>
    public static int[] Cut(int[] prompt, int[] completion, int maxLength) =>
        completion[..Math.Min(completion.Length, maxLength - prompt.Length)];
}
