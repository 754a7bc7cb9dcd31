using OrtDpo.Core.Batches;
using OrtDpo.Core.Data;
using OrtDpo.Core.Training;

namespace OrtDpo.Core.Tests.Training;

public sealed class UnpairedGateTests
{
    static readonly LossTraits Traits = new() { Rows = RowKind.Unpaired, NeedsReference = true, NeedsKl = true, Beta = TrainingRows.Beta };

    [Fact]
    public void Feedback_that_agrees_with_its_cache_passes_and_its_loss_is_shown_where_it_has_no_base_value()
    {
        var report = Check(Rows());
        Assert.Equal(12, report.Rows);
        Assert.InRange(report.MaxSequenceDifference, 0, 1e-5);
        Assert.InRange(report.MaxReward, 0, 1e-5);
        Assert.Null(report.BaseLoss);
    }

    [Fact]
    public void A_token_that_differs_is_named_by_row_and_place()
    {
        var rows = Rows();
        rows[4].Reference!.ChosenTokens[0] += 0.01f;
        Assert.Contains("row rows.jsonl:5: token 0 of the completion has log-probability", Fault(rows), StringComparison.Ordinal);
    }

    [Fact]
    public void Mismatched_completions_that_differ_fail_the_gate()
    {
        var rows = Rows();
        TrainingRow[] moved = [.. rows.Select(row => row with { Feedback = row.Feedback! with { RefMismatchedLogps = row.Feedback.RefMismatchedLogps - 0.1 } })];
        Assert.Contains("policy and reference differ by 0.1", Fault(moved), StringComparison.Ordinal);
    }

    static TrainingRow[] Rows()
    {
        using var engine = TrainingRows.Engine();
        var rows = TrainingRows.Pairs(12);
        return [.. rows.Select((row, i) =>
        {
            var (prompt, chosen, _) = row.Tokens;
            var other = rows[(i + 1) % rows.Length].Tokens.Chosen;
            return row with
            {
                Tokens = new PairTokens(prompt, chosen, []),
                Reference = new ReferenceLogps(row.Reference!.Chosen, 0, row.Reference.ChosenTokens, []),
                Feedback = new Feedback(i % 2 == 0, other, engine.TokenLogps(prompt, other).Sum(l => (double)l)),
            };
        })];
    }

    static GateReport Check(TrainingRow[] rows) =>
        StepZeroGate.Check(TrainingRows.Engine(), new RewardsOnly(), new TrainingPlan(RunTrial.Options, rows, []));

    static string Fault(TrainingRow[] rows) => Assert.Throws<InvalidDataException>(() => Check(rows)).Message;

    /// <summary>The rewards of unpaired rows, and a loss that is no affair of these tests.</summary>
    sealed class RewardsOnly : ILoss
    {
        public LossTraits Traits => UnpairedGateTests.Traits;

        public LossValues Evaluate(LossInputs inputs, LossScales scales)
        {
            float[] rewards = [.. inputs.Logps.Zip(inputs.RefLogps, (policy, reference) => (float)(Traits.Beta * (policy - reference)))];
            return new(0, rewards, new float[rewards.Length]);
        }

        public void Dispose()
        {
        }
    }
}
