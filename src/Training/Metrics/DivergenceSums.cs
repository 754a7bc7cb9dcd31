using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>
/// The estimates of the divergence, means over completions: each counts once, however many pairs it is in. Nothing where no row has a
/// reference.
/// </summary>
sealed class DivergenceSums
{
    double k1;
    double? k3 = 0;
    double perToken;
    int completions;

    public void Add(ScoredRows scored)
    {
        foreach (var divergence in scored.Divergences)
        {
            k1 += divergence.LogRatio;
            k3 += divergence.K3;
            perToken += divergence.LogRatio / divergence.Tokens;
            completions++;
        }
    }

    public void WriteTo(MetricsLine line, string prefix)
    {
        if (completions == 0)
        {
            return;
        }

        line.Add($"{prefix}kl_k1", k1 / completions);
        if (k3 is { } sum)
        {
            line.Add($"{prefix}kl_k3", sum / completions);
        }

        line.Add($"{prefix}mean_log_ratio", perToken / completions);
    }
}
