using OrtDpo.Batches;

namespace OrtDpo.Training.Tests;

public sealed class UnpairedGateTests
{
    static readonly LossTraits Traits = new() { Rows = RowKind.Unpaired, NeedsReference = true, NeedsKl = true, Beta = TrainingRows.Beta };

    [Fact]
    public void Feedback_that_agrees_with_its_cache_passes_also_where_the_loss_at_step_0_depends_on_the_labels()
    {
        var report = Check(Rows());
        Assert.Equal(12, report.Rows);
        Assert.InRange(report.MaxSequenceDifference, 0, Tolerances.Float32);
        Assert.InRange(report.MaxReward, 0, Tolerances.Float32);
        // 1 − σ(0) = 1/2, times the weights of six desirable and six undesirable rows: (6 · 2 + 6 · 0.5) / 12 / 2.
        AssertClose(0.625, report.ExpectedLoss, Tolerances.Float64);
        AssertClose(0.625, report.Loss, Tolerances.Float32);
        Assert.False(report.IsBaseValue);
    }

    [Fact]
    public void A_loss_that_does_not_follow_from_the_cache_fails()
    {
        var rows = Rows();
        rows[0] = rows[0] with { Reference = [rows[0].Reference![0] with { Sum = rows[0].Reference![0].Sum + 1e-4 }] };
        var fault = Assert.Throws<InvalidDataException>(() => Check(rows, lossFault: 1e6));
        Assert.Contains("the loss of 12 rows is ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("; expected 0.625 within ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_differs_is_named_by_row_and_place()
    {
        var rows = Rows();
        rows[4].Reference![0].Tokens[0] += 0.01f;
        Assert.Contains("row rows.jsonl:5: token 0 of the completion has log-probability", Fault(rows), StringComparison.Ordinal);
    }

    [Fact]
    public void Mismatched_completions_that_differ_fail_the_gate()
    {
        var rows = Rows();
        TrainingRow[] moved =
        [
            .. rows.Select(row => row with
            {
                Mismatched = row.Mismatched! with { RefLogps = row.Mismatched.RefLogps - 0.1 },
            }),
        ];
        Assert.Contains("policy and reference differ by 0.1", Fault(moved), StringComparison.Ordinal);
    }

    static TrainingRow[] Rows()
    {
        using var engine = TrainingRows.Engine();
        var rows = TrainingRows.Pairs(12);
        return [.. rows.Select((row, i) =>
        {
            var (prompt, chosen) = (row.Tokens.Prompt, row.Tokens.Completions[0]);
            var other = rows[(i + 1) % rows.Length].Tokens.Completions[0];
            return row with
            {
                Tokens = Example.Labelled(prompt, chosen, i % 2 == 0),
                Reference = [row.Reference![0]],
                Mismatched = new MismatchedCompletion(other, engine.TokenLogps(prompt, other).Sum(l => (double)l)),
            };
        })];
    }

    static GateReport Check(TrainingRow[] rows, double lossFault = 1) =>
        StepZeroGate.Check(TrainingRows.Engine(), new WeightedKto(lossFault), new TrainingPlan(RunTrial.Options, rows, []));

    static string Fault(TrainingRow[] rows) => Assert.Throws<InvalidDataException>(() => Check(rows)).Message;

    /// <summary>
    /// KTO with weights 2 and 0.5, written out; its loss, not its rewards, sees <paramref name="lossFault"/> times the log-ratio.
    /// </summary>
    sealed class WeightedKto(double lossFault) : ILoss
    {
        public LossTraits Traits => UnpairedGateTests.Traits;

        public LossValues Evaluate(LossInputs inputs, LossScales scales)
        {
            var loss = 0.0;
            var (rewards, slopes) = (new float[inputs.Logps.Length], new float[inputs.Logps.Length]);
            for (var i = 0; i < rewards.Length; i++)
            {
                var (weight, sign) = inputs.Labels[i] == 1 ? (2, 1) : (0.5, -1);
                var ratio = inputs.Logps[i] - inputs.RefLogps[i];
                var share = 1 / (1 + Math.Exp(sign * Traits.Beta * ((lossFault * ratio) - inputs.Kl)));
                loss += weight * share * scales.Rows;
                rewards[i] = (float)(Traits.Beta * ratio);
                slopes[i] = (float)(-weight * sign * Traits.Beta * share * (1 - share) * scales.Rows);
            }

            return new(loss, rewards, slopes);
        }

        public void Dispose()
        {
        }
    }
}
