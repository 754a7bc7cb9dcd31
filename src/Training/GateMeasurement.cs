using System.Globalization;
using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>Collects how far the training graph's numbers lie from the cache's, and which of them lies farthest.</summary>
sealed class GateMeasurement(LossTraits traits)
{
    // Twice what the slopes at the measured point give: the loss is not linear in between.
    const double Curvature = 2;
    // float32's rounding of the loss itself.
    const double Rounding = 1e-6;

    GateDeviation? worstToken;
    GateDeviation? worstSequence;
    GateDeviation? worstReward;
    double loss;
    double expectedLoss;
    double lossBound;
    double kl;
    double klBound;
    int rows;
    int tokens;

    /// <summary>Compares token by token.</summary>
    public void Add(MicroBatch micro, float[] tokenLogps)
    {
        for (var i = 0; i < micro.Rows.Count; i++)
        {
            var row = micro.Rows[i];
            var isPair = row.Tokens.IsPair;
            var first = tokenLogps.AsSpan(i * micro.Packed.CompletionWidth);
            AddCompletion(row, first, row.Reference!.Chosen, row.Reference.ChosenTokens, isPair ? "chosen " : "");
            if (isPair)
            {
                var second = tokenLogps.AsSpan((micro.Rows.Count + i) * micro.Packed.CompletionWidth);
                AddCompletion(row, second, row.Reference.Rejected, row.Reference.RejectedTokens, "rejected ");
            }
        }
    }

    /// <summary>Takes rewards, loss and KTO's reference point of all rows.</summary>
    public void Add(ScoredRows scored, LossValues values, double klFound, double lossExpected)
    {
        rows = scored.Rows.Count;
        loss = values.Loss;
        expectedLoss = lossExpected;
        kl = klFound;
        klBound = scored.Rows.Max(r => LogpTolerance.Sequence(r.Feedback?.Mismatched.Length ?? 0));
        lossBound = Rounding * Math.Max(1, Math.Abs(expectedLoss));
        for (var i = 0; i < rows; i++)
        {
            var row = scored.Rows[i];
            var chosenBound = LogpTolerance.Sequence(row.Tokens.Chosen.Length);
            // Each slope holds for kl too, with the other sign.
            lossBound += Curvature * Math.Abs(values.Slopes[i]) * (chosenBound + (traits.NeedsKl ? klBound : 0));
            if (!row.Tokens.IsPair)
            {
                Keep(ref worstReward, new GateDeviation(row, "", null, values.Rewards[i], 0, traits.Beta * chosenBound));
                continue;
            }

            var rejectedBound = LogpTolerance.Sequence(row.Tokens.Rejected.Length);
            lossBound += Curvature * Math.Abs(values.Slopes[rows + i]) * rejectedBound;
            var margin = (double)values.Rewards[i] - values.Rewards[rows + i];
            Keep(ref worstReward, new GateDeviation(row, "", null, margin, 0, traits.Beta * (chosenBound + rejectedBound)));
        }
    }

    /// <summary>What is wrong, as a sentence, or null.</summary>
    public string? Fault()
    {
        if (worstToken is { IsBeyond: true } token && token.Excess >= (worstSequence?.Excess ?? 0))
        {
            return token.LogpSentence();
        }

        if (worstSequence is { IsBeyond: true } sequence)
        {
            return sequence.LogpSentence();
        }

        if (worstReward is { IsBeyond: true } reward)
        {
            return Text($"row {reward.Row.Id}: the reward {(reward.Row.Tokens.IsPair ? "margin " : "")}is {reward.Found:G6}; ")
                + Text($"with the cache's log-probabilities it may be at most {reward.Tolerance:G3}.");
        }

        if (!(kl <= klBound))
        {
            return Text($"policy and reference differ by {kl:G6} nats on mismatched completions; at most {klBound:G3} is allowed.");
        }

        return Math.Abs(loss - expectedLoss) <= lossBound
            ? null
            : Text($"the loss of {rows} rows is {loss:G9}; expected {expectedLoss:G9} within {lossBound:G3}.");
    }

    public GateReport Report() => new(
        rows, tokens, worstToken?.Difference ?? 0, worstSequence?.Difference ?? 0, worstReward?.Difference ?? 0, loss, expectedLoss,
        traits.BaseLoss is not null);

    void AddCompletion(TrainingRow row, ReadOnlySpan<float> found, double sum, float[] perToken, string side)
    {
        for (var t = 0; t < perToken.Length; t++)
        {
            Keep(ref worstToken, new GateDeviation(row, side, t, found[t], perToken[t], LogpTolerance.Token));
        }

        tokens += perToken.Length;
        var total = LogpSum.Of(found[..perToken.Length]);
        Keep(ref worstSequence, new GateDeviation(row, side, null, total, sum, LogpTolerance.Sequence(perToken.Length)));
    }

    static void Keep(ref GateDeviation? worst, GateDeviation candidate)
    {
        if (worst is null || candidate.Excess > worst.Value.Excess)
        {
            worst = candidate;
        }
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
