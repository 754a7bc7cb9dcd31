using OrtDpo.Batches;

namespace OrtDpo.Training.Tests;

public class StepZeroGateTests
{
    static readonly double Ln2 = Math.Log(2);

    [Fact]
    public void An_engine_that_agrees_with_its_cache_passes_and_is_measured()
    {
        var report = Check(TrainingRows.Pairs(40));
        Assert.Equal(32, report.Rows);
        Assert.InRange(report.MaxTokenDifference, 0, Tolerances.Float32);
        Assert.InRange(report.MaxSequenceDifference, 0, Tolerances.Float32);
        AssertClose(Ln2, report.Loss, Tolerances.Float32);
    }

    [Theory]
    [InlineData(1.9e-4, true)]
    [InlineData(2.1e-4, false)]
    public void A_token_may_differ_by_two_in_ten_thousand(double shift, bool passes)
    {
        var rows = TrainingRows.Pairs(3);
        rows[1].Reference![0].Tokens[0] += (float)shift;
        if (passes)
        {
            AssertClose(shift, Check(rows).MaxTokenDifference, Tolerances.Float32);
            return;
        }

        Assert.Contains("row rows.jsonl:2: token 0 of the chosen completion has log-probability", Fault(rows), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.4, null)]
    [InlineData(1.6, "row rows.jsonl:2: token 0 of the chosen completion has log-probability")]
    public void In_bfloat16_a_token_may_differ_by_what_rounding_there_makes(double shift, string? fault)
    {
        var rows = TrainingRows.Pairs(20);
        Shift(rows[1], (float)shift, every: 100, isInTurn: true);
        RequireFault(fault, rows);
    }

    /// <summary>What moves all tokens by less than one may move is no rounding, which hardly moves most of them.</summary>
    [Theory]
    [InlineData(0.1f, true, null)]
    [InlineData(0.6f, true, "tokens' log-probabilities differ from the cache's by 0.6 nats in the root mean square; at most 0.2")]
    [InlineData(0.01f, false, null)]
    [InlineData(0.1f, false, "tokens' log-probabilities differ from the cache's by -0.1 nats in the mean; at most 0.0")]
    public void In_bfloat16_all_tokens_together_may_differ_by_less(float shift, bool isInTurn, string? fault)
    {
        var rows = TrainingRows.Pairs(40);
        foreach (var row in rows)
        {
            Shift(row, shift, every: 1, isInTurn);
        }

        RequireFault(fault, rows);
    }

    [Fact]
    public void The_worst_token_is_named_with_both_values()
    {
        var rows = TrainingRows.Pairs(12);
        rows[3].Reference![0].Tokens[1] += 0.1f;
        var right = rows[9].Reference![1].Tokens[4];
        rows[9].Reference![1].Tokens[4] = right - 0.5f;
        var fault = Fault(rows);
        Assert.Contains("row rows.jsonl:10: token 4 of the rejected completion", fault, StringComparison.Ordinal);
        Assert.Contains(
            $"{right:G9} with the training graph and {right - 0.5f:G9} in the cache, a difference of 0.5",
            fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sum_that_is_wrong_on_its_own_is_named()
    {
        var rows = TrainingRows.Pairs(4);
        // One rejected token: 0.001 + 0.00001 is allowed.
        rows[0] = rows[0] with { Reference = WithRejected(rows[0], 0.0012) };
        Assert.Contains("row rows.jsonl:1: the rejected completion has log-probability", Fault(rows), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cache_that_holds_no_number_fails()
    {
        var rows = TrainingRows.Pairs(4);
        rows[2].Reference![0].Tokens[0] = float.NaN;
        Assert.Contains("row rows.jsonl:3: token 0 of the chosen completion", Fault(rows), StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_with_another_base_loss_fails()
    {
        var fault = Assert.Throws<InvalidDataException>(() =>
            StepZeroGate.Check(
                TrainingRows.Engine(),
                FormulaLoss.Of(FormulaLoss.Sigmoid().Traits with { BaseLoss = 1 }),
                Plan(TrainingRows.Pairs(4))));
        Assert.Contains("the loss of 4 rows is 0.693147", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_whose_rewards_do_not_follow_from_the_cache_fails()
    {
        var rows = TrainingRows.Pairs(4);
        rows[0] = rows[0] with { Reference = WithRejected(rows[0], 1e-4) };
        var fault = Assert.Throws<InvalidDataException>(() =>
            StepZeroGate.Check(TrainingRows.Engine(), FormulaLoss.Sigmoid(rewardFault: 1e6f), Plan(rows)));
        Assert.Contains("row rows.jsonl:1: the reward margin is ", fault.Message, StringComparison.Ordinal);
    }

    static void Shift(TrainingRow row, float shift, int every, bool isInTurn)
    {
        foreach (var tokens in row.Reference!.Select(completion => completion.Tokens))
        {
            for (var t = 0; t < tokens.Length; t += every)
            {
                tokens[t] += isInTurn && t / every % 2 == 1 ? -shift : shift;
            }
        }
    }

    static void RequireFault(string? fault, TrainingRow[] rows)
    {
        using var engine = new BigramEngine(TrainingRows.Vocabulary) { Tolerance = LogpTolerance.BFloat16 };
        void Gate() => StepZeroGate.Check(engine, FormulaLoss.Sigmoid(), Plan(rows));
        if (fault is null)
        {
            Gate();
            return;
        }

        Assert.Contains(fault, Assert.Throws<InvalidDataException>(Gate).Message, StringComparison.Ordinal);
    }

    static CompletionLogps[] WithRejected(TrainingRow row, double shift) =>
        [row.Reference![0], row.Reference[1] with { Sum = row.Reference[1].Sum + shift }];

    static TrainingPlan Plan(TrainingRow[] rows) => new(RunTrial.Options, rows, []);

    static GateReport Check(TrainingRow[] rows) => StepZeroGate.Check(TrainingRows.Engine(), FormulaLoss.Sigmoid(), Plan(rows));

    static string Fault(TrainingRow[] rows) => Assert.Throws<InvalidDataException>(() => Check(rows)).Message;
}
