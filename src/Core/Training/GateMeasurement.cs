using System.Globalization;

namespace OrtDpo.Core.Training;

/// <summary>Collects how far the training graph's numbers lie from the cache's, and which of them lies farthest.</summary>
sealed class GateMeasurement(float beta)
{
    Deviation? worstToken;
    Deviation? worstSequence;
    Deviation? worstMargin;
    double lossSum;
    double lossBoundSum;
    int pairs;
    int tokens;

    public void Add(MicroBatch micro, BatchScores scores)
    {
        for (var i = 0; i < micro.Rows.Count; i++)
        {
            var row = micro.Rows[i];
            AddCompletion(row, micro, scores, i, row.Reference!.Chosen, row.Reference.ChosenTokens, "chosen");
            AddCompletion(row, micro, scores, micro.Rows.Count + i, row.Reference.Rejected, row.Reference.RejectedTokens, "rejected");
            var bound = beta * (StepZeroGate.SequenceTolerance(row.Tokens.Chosen.Length) + StepZeroGate.SequenceTolerance(row.Tokens.Rejected.Length));
            Keep(ref worstMargin, new Deviation(row, "", null, (double)scores.ChosenRewards[i] - scores.RejectedRewards[i], 0, bound));
            // Losses of pairs change at most as fast as the reward margin; 1e-6 is float32's rounding of the loss itself.
            lossBoundSum += bound + 1e-6;
            tokens += row.ScoredTokens;
        }

        pairs += micro.Rows.Count;
        lossSum += scores.LossSum;
    }

    /// <summary>What is wrong, as a sentence, or null.</summary>
    public string? Fault(double expectedLoss)
    {
        if (worstToken is { IsBeyond: true } token && token.Excess >= (worstSequence?.Excess ?? 0))
        {
            return token.LogpSentence();
        }

        if (worstSequence is { IsBeyond: true } sequence)
        {
            return sequence.LogpSentence();
        }

        if (worstMargin is { IsBeyond: true } margin)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"row {margin.Row.Id}: the reward margin is {margin.Found:G6}; with the cache's log-probabilities it may be at most {margin.Tolerance:G3}.");
        }

        var (loss, bound) = (lossSum / pairs, lossBoundSum / pairs);
        return Math.Abs(loss - expectedLoss) <= bound
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"the mean loss of {pairs} pairs is {loss:G9}; expected {expectedLoss:G9} within {bound:G3}.");
    }

    public GateReport Report() => new(
        pairs, tokens, worstToken?.Difference ?? 0, worstSequence?.Difference ?? 0, worstMargin?.Difference ?? 0, lossSum / pairs);

    void AddCompletion(TrainingRow row, MicroBatch micro, BatchScores scores, int completion, double sum, float[] perToken, string side)
    {
        var found = scores.TokenLogps.AsSpan(completion * micro.Batch.Packed.CompletionWidth, perToken.Length);
        for (var t = 0; t < perToken.Length; t++)
        {
            Keep(ref worstToken, new Deviation(row, side, t, found[t], perToken[t], StepZeroGate.TokenTolerance));
        }

        Keep(ref worstSequence, new Deviation(row, side, null, scores.Logps[completion], sum, StepZeroGate.SequenceTolerance(perToken.Length)));
    }

    static void Keep(ref Deviation? worst, Deviation candidate)
    {
        if (worst is null || candidate.Excess > worst.Value.Excess)
        {
            worst = candidate;
        }
    }

    readonly record struct Deviation(TrainingRow Row, string Side, int? Token, double Found, double Expected, double Tolerance)
    {
        public double Difference => Math.Abs(Found - Expected);

        public double Excess => double.IsNaN(Difference) ? double.PositiveInfinity : Difference / Tolerance;

        public bool IsBeyond => Excess > 1;

        public string LogpSentence()
        {
            var place = Token is { } t ? string.Create(CultureInfo.InvariantCulture, $"token {t} of the {Side} completion") : $"the {Side} completion";
            return string.Create(CultureInfo.InvariantCulture, $"row {Row.Id}: {place} has log-probability {Found:G9} with the training graph ")
                + string.Create(CultureInfo.InvariantCulture, $"and {Expected:G9} in the cache, a difference of {Difference:G3}; at most {Tolerance:G3} is allowed.");
        }
    }
}
