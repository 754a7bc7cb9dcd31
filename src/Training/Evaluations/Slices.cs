using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>The metrics of parts of held-out rows, by length and by the file that they came from, where there are several.</summary>
static class Slices
{
    // A set of hundreds of shards has no sources that anybody compares.
    const int MostSources = 32;

    /// <summary>
    /// Adds, of each part, how many pairs of it are right and how many they are; of rows that are no pairs the loss, as if there were no
    /// others, and how many they are.
    /// </summary>
    /// <param name="line">The line to add to.</param>
    /// <param name="prefix">What names begin with.</param>
    /// <param name="held">The held-out rows and what was said of them.</param>
    /// <param name="loss">The objective.</param>
    public static void WriteTo(MetricsLine line, string prefix, HeldOutPass held, ILoss loss)
    {
        var terms = held.Scored.Terms;
        var buckets = terms.Select(term => LengthBucket.Of(term.Length)).Distinct().OrderBy(bucket => bucket.Last).ToList();
        if (buckets.Count > 1)
        {
            foreach (var bucket in buckets)
            {
                Write(line, $"{prefix}length/{bucket.Name}/", held, loss, term => LengthBucket.Of(term.Length) == bucket);
            }
        }

        var sources = terms.Select(term => term.Row.Source).Distinct().Order(StringComparer.Ordinal).ToList();
        if (sources.Count is > 1 and <= MostSources)
        {
            foreach (var source in sources)
            {
                Write(line, $"{prefix}source/{source}/", held, loss, term => term.Row.Source == source);
            }
        }
    }

    static void Write(MetricsLine line, string name, HeldOutPass held, ILoss loss, Func<ScoredTerm, bool> isIn)
    {
        var terms = held.Scored.Terms;
        if (loss.Traits.Rows == RowKind.Pair)
        {
            var rewards = held.Values.Rewards;
            var places = Enumerable.Range(0, terms.Count).Where(i => isIn(terms[i])).ToList();
            var right = places.Count(i => terms[i].IsRight(rewards[i], rewards[terms.Count + i]));
            line.Add($"{name}rewards/accuracies", (double)right / places.Count).Add($"{name}pairs", places.Count);
            return;
        }

        // The objective is a function of log-probabilities, which are there: no row goes through the model again.
        var part = held.Scored.Part(isIn);
        var scales = LossScales.Of([.. part.Terms.Select(term => term.Row)]);
        line.Add($"{name}loss", loss.Evaluate(part.Inputs(held.Kl), scales).Loss).Add($"{name}rows", part.Terms.Count);
    }
}
