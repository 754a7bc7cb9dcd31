namespace OrtDpo.Export.Tests;

static class LogSoftmax
{
    /// <summary>The log-probability of an id under the softmax of logits, in float64.</summary>
    public static double At(ReadOnlySpan<float> logits, int id)
    {
        var (max, sum) = (logits[id], 0.0);
        foreach (var x in logits)
        {
            max = Math.Max(max, x);
        }

        foreach (var x in logits)
        {
            sum += Math.Exp((double)x - max);
        }

        return logits[id] - max - Math.Log(sum);
    }
}
