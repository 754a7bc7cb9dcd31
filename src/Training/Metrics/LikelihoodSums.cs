using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>
/// How well the policy predicts the completions that are to be learned: chosen ones, once for each of their pairs, desirable ones, or a
/// row's only one. Each token counts alike.
/// </summary>
sealed class LikelihoodSums
{
    double logps;
    long tokens;
    long? likeliest = 0;

    public void Add(ScoredRows scored)
    {
        foreach (var term in scored.Terms.Where(term => term.Row.Tokens.Known is not Judgement.Label { IsDesirable: false }))
        {
            logps += term.Completion.Logps;
            tokens += term.Completion.Length;
            likeliest += term.Completion.Likeliest;
        }
    }

    public void WriteTo(MetricsLine line, string prefix)
    {
        if (tokens == 0)
        {
            return;
        }

        line.Add($"{prefix}perplexity", Math.Exp(-logps / tokens));
        if (likeliest is { } count)
        {
            line.Add($"{prefix}mean_token_accuracy", (double)count / tokens);
        }
    }
}
