using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>
/// The reference's log-probabilities of two fixed pairs: tells in a moment whether another machine computes the same numbers.
/// </summary>
/// <param name="VocabularySize">From which the fixed ids were taken.</param>
/// <param name="TokenLogps">Of the completions' tokens one after the other, in nats.</param>
public sealed record ScoreProbe(int VocabularySize, IReadOnlyList<float> TokenLogps)
{
    /// <summary>Scores the fixed pairs.</summary>
    internal static ScoreProbe Take(IScorer scorer)
    {
        var next = 0;
        Example[] pairs = [Example.Pair(Ids(9), Ids(7), Ids(4)), Example.Pair(Ids(3), Ids(2), Ids(6))];
        var logps = BatchScoring.Score(pairs, scorer);
        // In the order that manifests have had from the beginning: the chosen ones first.
        float[] scored = [.. logps.SelectMany(pair => pair[0]), .. logps.SelectMany(pair => pair[1])];
        return Array.TrueForAll(scored, float.IsFinite)
            ? new ScoreProbe(scorer.VocabularySize, scored)
            : throw new InvalidDataException("The reference scores fixed token ids as not finite. "
                + "The model's weights or its configuration are wrong.");

        // A prime stride spreads the ids over any vocabulary.
        int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => (int)(7919L * ++next % scorer.VocabularySize))];
    }

    /// <summary>The largest difference of a token, in nats.</summary>
    internal float Distance(ScoreProbe other) => TokenLogps.Zip(other.TokenLogps).Max(pair => Math.Abs(pair.First - pair.Second));
}
