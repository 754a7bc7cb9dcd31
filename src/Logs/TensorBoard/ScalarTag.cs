namespace OrtDpo.Logs.TensorBoard;

/// <summary>The tag under which TensorBoard shows a metric: that of Hugging Face's callback, so that runs of both lie together.</summary>
static class ScalarTag
{
    const string Evaluation = "eval_";

    /// <summary><c>eval_loss</c> is <c>eval/loss</c>, and <c>loss</c> is <c>train/loss</c>.</summary>
    public static string Of(string metric) =>
        metric.StartsWith(Evaluation, StringComparison.Ordinal) ? $"eval/{metric[Evaluation.Length..]}" : $"train/{metric}";
}
