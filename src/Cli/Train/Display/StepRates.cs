namespace OrtDpo.Cli.Train.Display;

/// <summary>How fast the last steps were: the steps themselves, without evaluations and checkpoints between them.</summary>
sealed class StepRates
{
    // Enough to be steady, few enough to show that something has changed.
    const int Steps = 50;

    readonly Queue<(int Pairs, long Tokens, double Seconds)> last = new();

    /// <summary>Pairs, or rows that are none, a second; null before the first step.</summary>
    public double? Pairs => last.Count == 0 ? null : last.Sum(step => step.Pairs) / Seconds;

    /// <summary>Tokens a second; null before the first step.</summary>
    public double? Tokens => last.Count == 0 ? null : last.Sum(step => step.Tokens) / Seconds;

    double Seconds => last.Sum(step => step.Seconds);

    /// <summary>Adds a step.</summary>
    public void Add(int pairs, long tokens, double seconds)
    {
        if (last.Count == Steps)
        {
            last.Dequeue();
        }

        last.Enqueue((pairs, tokens, seconds));
    }
}
