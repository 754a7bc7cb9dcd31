using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>Rows and what the policy says of them, in the layout of the loss.</summary>
public sealed class ScoredRows
{
    readonly LossTraits traits;
    readonly List<TrainingRow> rows = [];
    readonly List<CompletionScore> chosen = [];
    readonly List<CompletionScore> rejected = [];

    /// <summary>No rows yet, for an objective of these traits.</summary>
    public ScoredRows(LossTraits traits) => this.traits = traits;

    public IReadOnlyList<TrainingRow> Rows => rows;

    /// <summary>Of the rows' chosen (or only) completions.</summary>
    public IReadOnlyList<CompletionScore> Chosen => chosen;

    /// <summary>Of the rejected completions; empty where rows are no pairs.</summary>
    public IReadOnlyList<CompletionScore> Rejected => rejected;

    /// <summary>Adds a micro-batch with its log-probabilities, <c>[R, T]</c>.</summary>
    public void Add(MicroBatch micro, float[] tokenLogps)
    {
        var width = micro.Packed.CompletionWidth;
        for (var i = 0; i < micro.Rows.Count; i++)
        {
            var row = micro.Rows[i];
            rows.Add(row);
            chosen.Add(Score(row, row.Tokens.Chosen, tokenLogps.AsSpan(i * width), row.Reference?.ChosenTokens, row.Reference?.Chosen));
            if (row.Tokens.IsPair)
            {
                var second = tokenLogps.AsSpan((micro.Rows.Count + i) * width);
                rejected.Add(Score(row, row.Tokens.Rejected, second, row.Reference?.RejectedTokens, row.Reference?.Rejected));
            }
        }
    }

    /// <summary>All rows added so far as the loss's inputs.</summary>
    /// <param name="kl">KTO's reference point; 0 for other objectives.</param>
    public LossInputs Inputs(double kl)
    {
        CompletionScore[] all = [.. chosen, .. rejected];
        return new LossInputs(
            rejected.Count,
            [.. all.Select(c => c.WeightedLogps)],
            [.. all.Select(c => c.Length)],
            traits.NeedsReference ? [.. all.Select(c => c.RefLogps!.Value)] : [],
            [.. rows.Where(r => r.Feedback is not null).Select(r => r.Feedback!.Desirable ? 1f : 0f)],
            kl);
    }

    CompletionScore Score(TrainingRow row, int[] completion, ReadOnlySpan<float> tokenLogps, float[]? refTokens, double? refSum)
    {
        var own = tokenLogps[..completion.Length];
        if (traits.LdAlpha == 1 || !row.Tokens.IsPair)
        {
            var sum = LogpSum.Of(own);
            return new(completion.Length, sum, sum, refSum);
        }

        var shared = TokenWeights.Shared(row.Tokens);
        return new(
            completion.Length,
            LogpSum.Of(own),
            TokenWeights.Sum(own, shared, traits.LdAlpha),
            refTokens is null ? null : TokenWeights.Sum(refTokens, shared, traits.LdAlpha));
    }
}

/// <summary>A completion and what was said of it, in nats.</summary>
/// <param name="Length">Tokens.</param>
/// <param name="Logps">The policy's log-probability.</param>
/// <param name="WeightedLogps">The same with token weights, which is what the loss sees.</param>
/// <param name="RefLogps">The reference's, with token weights; null where there is no reference.</param>
public readonly record struct CompletionScore(int Length, double Logps, double WeightedLogps, double? RefLogps);
