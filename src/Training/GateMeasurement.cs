using System.Globalization;
using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>Collects how far the training graph's numbers lie from the cache's, and which of them lies farthest.</summary>
sealed class GateMeasurement(LossTraits traits, LogpTolerance tolerance)
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
    double differences;
    double squares;
    int rows;
    int tokens;

    /// <summary>Compares token by token.</summary>
    public void Add(MicroBatch micro, float[] tokenLogps)
    {
        foreach (var (row, first) in micro.Placed())
        {
            for (var k = 0; k < row.Tokens.Completions.Count; k++)
            {
                var found = tokenLogps.AsSpan((first + k) * micro.Packed.CompletionWidth, row.Tokens.Completions[k].Length);
                AddCompletion(row, found, row.Reference![k], Side(row.Tokens, k));
            }
        }
    }

    /// <summary>Takes rewards, loss and KTO's reference point of all rows.</summary>
    public void Add(ScoredRows scored, LossValues values, double klFound, double lossExpected)
    {
        rows = scored.Terms.Count;
        loss = values.Loss;
        expectedLoss = lossExpected;
        kl = klFound;
        klBound = scored.Terms.Max(term => tolerance.Sequence(term.Row.Mismatched?.Tokens.Length ?? 0));
        lossBound = Rounding * Math.Max(1, Math.Abs(expectedLoss));
        for (var i = 0; i < rows; i++)
        {
            var (row, completion, rejected) = scored.Terms[i];
            var bound = tolerance.Sequence(completion.Length);
            // Each slope holds for kl too, with the other sign.
            lossBound += Curvature * Math.Abs(values.Slopes[i]) * (bound + (traits.NeedsKl ? klBound : 0));
            if (rejected is not { } other)
            {
                Keep(ref worstReward, new GateDeviation(row, "", null, values.Rewards[i], 0, traits.Beta * bound));
                continue;
            }

            var otherBound = tolerance.Sequence(other.Length);
            lossBound += Curvature * Math.Abs(values.Slopes[rows + i]) * otherBound;
            var margin = (double)values.Rewards[i] - values.Rewards[rows + i];
            Keep(ref worstReward, new GateDeviation(row, "", null, margin, 0, traits.Beta * (bound + otherBound)));
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

        var spread = Math.Sqrt(squares / tokens);
        if (!(spread <= tolerance.RootMeanSquare(tokens)))
        {
            return Text($"the {tokens} tokens' log-probabilities differ from the cache's by {spread:G3} nats in the root mean square; ")
                + Text($"at most {tolerance.RootMeanSquare(tokens):G3} is rounding.");
        }

        var mean = differences / tokens;
        if (!(Math.Abs(mean) <= tolerance.Mean(tokens)))
        {
            return Text($"the {tokens} tokens' log-probabilities differ from the cache's by {mean:G3} nats in the mean; ")
                + Text($"at most {tolerance.Mean(tokens):G3} is rounding, which has no bias.");
        }

        if (worstReward is { IsBeyond: true } reward)
        {
            var what = reward.Row.Tokens.Kind == RowKind.Pair ? "reward margin" : "reward";
            return Text($"row {reward.Row.Id}: the {what} is {reward.Found:G6}; ")
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

    void AddCompletion(TrainingRow row, ReadOnlySpan<float> found, CompletionLogps reference, string side)
    {
        for (var t = 0; t < reference.Tokens.Length; t++)
        {
            Keep(ref worstToken, new GateDeviation(row, side, t, found[t], reference.Tokens[t], tolerance.Token));
            var difference = (double)found[t] - reference.Tokens[t];
            differences += difference;
            squares += difference * difference;
        }

        tokens += reference.Tokens.Length;
        var total = LogpSum.Of(found);
        Keep(ref worstSequence, new GateDeviation(row, side, null, total, reference.Sum, tolerance.Sequence(found.Length)));
    }

    // Before "completion".
    static string Side(Example tokens, int completion) => (tokens.Completions.Count, completion) switch
    {
        (1, _) => "",
        (2, 0) => "chosen ",
        (2, _) => "rejected ",
        _ => Text($"rank {completion + 1} "),
    };

    static void Keep(ref GateDeviation? worst, GateDeviation candidate)
    {
        if (worst is null || candidate.Excess > worst.Value.Excess)
        {
            worst = candidate;
        }
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
