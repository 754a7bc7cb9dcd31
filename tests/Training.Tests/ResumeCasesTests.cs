using OrtDpo.Runs;

namespace OrtDpo.Training.Tests;

/// <summary>
/// Epochs that are no multiple of the batch, with and without a resume. A trainer that takes an epoch for ⌊rows / batch⌋ batches skips rows
/// when it resumes there (OpenRLHF #1350: 1,000 rows in batches of 128, resumed after the eighth, lost 104).
/// </summary>
public sealed class ResumeCasesTests
{
    const int Epochs = 3;

    /// <summary>Rows divisible by the batch and not, fewer than a batch, one more, one less, and the case of the report.</summary>
    static readonly int[] Rows = [1, 7, 8, 9, 24, 1000];

    static readonly int[] Batches = [1, 2, 3, 8, 10, 128];

    public static TheoryData<int, int> Plans => [.. Rows.SelectMany(rows => Batches.Select(batch => (rows, batch)))];

    /// <summary>Early, within an epoch, across one, late: the loop is resumed after every step.</summary>
    public static TheoryData<bool, int, int, int> Runs =>
    [
        .. new[] { true, false }.SelectMany(isPair => new[] { 12, 13, 17 }.SelectMany(
            rows => new[] { 4, 5, 20 }.SelectMany(batch => new[] { 1, 3 }.Select(micro => (isPair, rows, batch, micro))))),
    ];

    [Theory]
    [MemberData(nameof(Plans))]
    public void No_epoch_skips_or_repeats_a_row_wherever_a_run_goes_on(int count, int batch)
    {
        var row = TrainingRows.Pairs(1)[0];
        TrainingRow[] rows = [.. Enumerable.Range(0, count).Select(i => row with { Keys = [$"{i}"], SourceRow = i })];
        var options = new TrainingOptions { Epochs = Epochs, BatchPairs = batch, Seed = 3 };
        var whole = new TrainingPlan(options, rows, []);
        Assert.Equal((count + batch - 1) / batch, whole.StepsPerEpoch);
        Assert.Equal(Epochs * whole.StepsPerEpoch, whole.TotalSteps);
        long[][] steps = [.. Enumerable.Range(1, whole.TotalSteps).Select(step => whole.RowsOf(step).Select(r => r.SourceRow).ToArray())];
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var used = steps.Skip(epoch * whole.StepsPerEpoch).Take(whole.StepsPerEpoch).SelectMany(step => step);
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), used.Order());
        }

        Assert.All(steps, step => Assert.InRange(step.Length, 1, batch));
        // A resumed run makes its plan anew and asks for the next step first. Where a step is a row, each step is as any other.
        foreach (var done in Enumerable.Range(1, whole.TotalSteps - 1).Where(done => whole.TotalSteps < 100 || done % 97 == 0))
        {
            var resumed = new TrainingPlan(options, rows, []);
            for (var step = done + 1; step <= Math.Min(whole.TotalSteps, done + whole.StepsPerEpoch + 1); step++)
            {
                Assert.Equal(steps[step - 1], resumed.RowsOf(step).Select(r => r.SourceRow));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_run_that_is_resumed_after_every_step_trains_on_the_same_rows_to_the_same_files(
        bool isPair, int count, int batch, int micro)
    {
        var rows = isPair ? TrainingRows.Pairs(count) : TrainingRows.Supervised(count);
        var options = RunTrial.Options with { Epochs = 2, BatchPairs = batch, MicroPairs = micro, SaveSteps = 1, EvalSteps = 99 };
        var loss = isPair ? FormulaLoss.Sigmoid() : FormulaLoss.Supervised();
        using var whole = new RunTrial();
        whole.Run(TrainingRows.Engine(), options, rows, loss);

        using var trial = new RunTrial();
        var resumes = 0;
        while (!IsDone(trial, options, rows, loss))
        {
            resumes++;
        }

        Assert.Equal(2 * ((count + batch - 1) / batch), resumes);
        Assert.Equal(whole.Contents(), trial.Contents());
    }

    // Dies after the next checkpoint, if there is one.
    static bool IsDone(RunTrial trial, TrainingOptions options, TrainingRow[] rows, ILoss loss)
    {
        var steps = new Checkpoints(trial.Folder).Steps();
        var before = steps is [.., var newest] ? newest : 0;
        trial.DyingAfterCheckpointOf = before + 1;
        try
        {
            trial.Run(TrainingRows.Engine(), options, rows, loss);
            return true;
        }
        catch (RunTrial.DiedException)
        {
            return false;
        }
    }
}
