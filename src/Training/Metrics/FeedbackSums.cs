using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>
/// The metrics of unpaired feedback, as TRL's KTO trainer names them: "chosen" is desirable, "rejected" undesirable. Each is a mean over
/// the rows of its label, and is absent where there is none.
/// </summary>
sealed class FeedbackSums(bool hasKl) : RowSums
{
    readonly LabelSums chosen = new("chosen");
    readonly LabelSums rejected = new("rejected");
    double reference;

    private protected override void WriteIntervals(MetricsLine line, string prefix) =>
        line.Add($"{prefix}rows", chosen.Rows + rejected.Rows);

    private protected override void AddRows(ScoredRows scored, LossValues values, double kl)
    {
        reference = kl;
        for (var i = 0; i < scored.Terms.Count; i++)
        {
            var term = scored.Terms[i];
            var isDesirable = ((Judgement.Label)term.Row.Tokens.Known).IsDesirable;
            (isDesirable ? chosen : rejected).Add(values.Rewards[i], term.Completion.WeightedLogps);
        }
    }

    private protected override void WriteRows(MetricsLine line, string prefix)
    {
        chosen.WriteTo(line, prefix);
        rejected.WriteTo(line, prefix);
        if (chosen.Rows > 0 && rejected.Rows > 0)
        {
            line.Add($"{prefix}rewards/margins", chosen.MeanReward - rejected.MeanReward);
        }

        if (hasKl)
        {
            line.Add($"{prefix}kl", reference);
        }
    }

    sealed class LabelSums(string label)
    {
        double rewards;
        double logps;

        public int Rows { get; private set; }

        public double MeanReward => rewards / Rows;

        public void Add(float reward, double completionLogps)
        {
            rewards += reward;
            logps += completionLogps;
            Rows++;
        }

        public void WriteTo(MetricsLine line, string prefix)
        {
            line.Add($"{prefix}count/{label}", Rows);
            if (Rows > 0)
            {
                line.Add($"{prefix}rewards/{label}", MeanReward).Add($"{prefix}logps/{label}", logps / Rows);
            }
        }
    }
}
