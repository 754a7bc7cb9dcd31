using OrtDpo.Batches;
using OrtDpo.Training;

namespace OrtDpo.Ship.Checks;

/// <summary>
/// Chosen completions of held-out rows, whole, in an order that depends on nothing but how many rows there are, as many as the bound on
/// tokens and on the memory of their distributions allows: on these the whole vocabulary is looked at.
/// </summary>
static class CompletionSample
{
    /// <summary>Tokens of the sample, at most; a single completion may have more.</summary>
    public const int MostTokens = 4096;

    const long MostBytes = 512L << 20;

    /// <summary>The sample.</summary>
    /// <param name="rows">Held-out rows; at least one.</param>
    /// <param name="vocabulary">Tokens that a distribution is over.</param>
    public static IReadOnlyList<SampledCompletion> Of(IReadOnlyList<TrainingRow> rows, int vocabulary)
    {
        var most = Math.Min(MostTokens, MostBytes / (sizeof(float) * (long)vocabulary));
        var (sample, tokens, seen) = (new List<SampledCompletion>(), 0L, new HashSet<string>(StringComparer.Ordinal));
        foreach (var row in DataOrder.Permutation(rows.Count, seed: 0, epoch: 0).Select(i => rows[i]))
        {
            foreach (var place in Chosen(row.Tokens.Known))
            {
                var completion = row.Tokens.Completions[place];
                var prompt = HeldOutChecks.PromptOf(row);
                if ((sample.Count > 0 && tokens + completion.Length > most) || !seen.Add($"{prompt} | {string.Join(' ', completion)}"))
                {
                    continue;
                }

                tokens += completion.Length;
                sample.Add(new SampledCompletion(row.Id, prompt, row.Tokens.Prompt, completion, row.Reference?[place].Tokens));
            }
        }

        return sample;
    }

    static IEnumerable<int> Chosen(Judgement known) => known switch
    {
        Judgement.Label { IsDesirable: false } => [],
        { Pairs.Count: > 0 } => known.Pairs.Select(pair => pair.Chosen).Distinct(),
        _ => [0],
    };
}

/// <summary>A completion whose distributions are looked at.</summary>
/// <param name="Row">How messages name its row.</param>
/// <param name="PromptText">What tells its prompt from others.</param>
/// <param name="Prompt">The prompt's tokens.</param>
/// <param name="Completion">Its tokens.</param>
/// <param name="Cached">What the cache has of the reference's log-probabilities of its tokens, nats; null: there is no cache.</param>
sealed record SampledCompletion(string Row, string PromptText, int[] Prompt, int[] Completion, float[]? Cached);
