using OrtDpo.Pipeline.Tests.Ship;
using OrtDpo.Training;

namespace OrtDpo.Pipeline.Tests.Diagnoses;

/// <summary>
/// Faults of runs that were really trained, each found by its rule; that nothing is found of twenty good ones is with the release gate's
/// (<see cref="ShippedRunsTests"/>), which trains them. The figures are in docs/diagnosis.md.
/// </summary>
[Trait("Speed", "long")]
public sealed class DiagnosedRunsTests(DemoRuns runs) : IClassFixture<DemoRuns>
{
    [Fact]
    public void A_learning_rate_that_moves_nothing()
    {
        var output = Train("stuck", "pairs", "--max-steps 60 --learning-rate 1e-9");
        Holds("stuck", ("learning_rate_range", FindingSeverity.Warning, 0), ("loss_stuck", FindingSeverity.Warning, 26));
        // Told before the first step and when it was found, with options in place of properties, and once more at the end.
        foreach (var line in (string[])[
            "diagnosis before the first step: warning, learning_rate_range: --learning-rate is 1e-9, ",
            "diagnosis after step 26: warning, loss_stuck: The loss of steps 7 to 26 lies between ",
            "  Try a higher --learning-rate (it is 1e-9).\n",
            "diagnosis: 2 findings at the end, in 60 steps and 7 evaluations\n"])
        {
            Assert.Contains("\n" + line, output, StringComparison.Ordinal);
        }
    }

    // The loss lies as near to its base value as above, and the policy learns as well as with a beta of 0.1.
    [Fact]
    public void A_tiny_beta_is_no_stuck_loss()
    {
        Train("tiny-beta", "pairs", "--max-steps 60 --learning-rate 1e-4 --beta 1e-4");
        Assert.Empty(Diagnosed.Of(runs.Path("tiny-beta")).Findings);
    }

    [Fact]
    public void Few_pairs_with_labels_by_a_coin_that_are_known_by_heart()
    {
        Train("few", "few", "--max-steps 60 --learning-rate 1e-3");
        var finding = Diagnosed.Finding(runs.Path("few"), "overfitting");
        Assert.InRange(finding.Since, 20, 50);
        Assert.Equal(FindingSeverity.Warning, finding.Severity);
    }

    [Fact]
    public void Supervised_rows_that_are_known_by_heart()
    {
        TrainSupervised("sft-few");
        Assert.Equal(["overfitting"], Diagnosed.Of(runs.Path("sft-few")).Findings.Select(finding => finding.Id));
    }

    [Fact]
    public void Labels_that_are_swapped_in_the_rows_of_training()
    {
        Train("swapped", "swapped", "--max-steps 60 --learning-rate 3e-4");
        Holds("swapped", ("held_out_against", FindingSeverity.Warning, 26));
    }

    [Fact]
    public void A_learning_rate_at_which_the_policy_leaves_the_reference()
    {
        Train("high", "pairs", "--max-steps 60 --learning-rate 1e-2");
        var ids = Diagnosed.Of(runs.Path("high")).Holding.Select(finding => finding.Id).ToList();
        Assert.Equal(["chosen_falls", "kl_high", "learning_rate_range"], ids.Order());
        Assert.Equal(FindingSeverity.Warning, Diagnosed.Finding(runs.Path("high"), "kl_high").Severity);
    }

    [Fact]
    public void A_learning_rate_at_which_the_loss_diverges()
    {
        Train("diverging", "pairs", "--max-steps 60 --learning-rate 1e-1");
        var finding = Diagnosed.Finding(runs.Path("diverging"), "loss_diverging");
        Assert.InRange(finding.Since, 13, 20);
    }

    // The first update makes weights that no later step can compute with; five in a row end the run, and its last checkpoint is none.
    [Fact]
    public void Gradients_that_are_not_finite()
    {
        var run = OrtDpoProgram.RunProcess(
            "train", "--model", DemoRuns.Model, "--ref", runs.Cache("pairs"), "--batch-pairs", "16", "--max-steps", "60", "--learning-rate",
            "1e38", "--warmup-ratio", "0", "--out", runs.Path("not-finite"));
        Assert.Equal(1, run.ExitCode);
        foreach (var severity in (string[])["after step 2: watch", "after step 3: watch", "after step 4: warning"])
        {
            Assert.Contains($"\ndiagnosis {severity}, skipped_steps: The gradient was not finite, ", run.Output, StringComparison.Ordinal);
        }

        Assert.Equal(
            ["learning_rate_range", "skipped_steps"],
            Diagnosis.ReadFrom(runs.Path("not-finite"))!.Findings.Select(finding => finding.Id));
    }

    [Fact]
    public void A_beta_that_holds_the_policy_at_the_reference()
    {
        Train("huge-beta", "pairs", "--max-steps 60 --learning-rate 1e-4 --beta 50");
        Holds("huge-beta", ("kl_low", FindingSeverity.Watch, 60));
    }

    [Fact]
    public void A_clip_that_leaves_little_of_every_gradient()
    {
        Train("clipped", "pairs", "--max-steps 60 --learning-rate 1e-4 --max-grad-norm 0.01");
        Holds("clipped", ("always_clipped", FindingSeverity.Watch, 26));
    }

    [Fact]
    public void Margins_that_follow_length()
    {
        Train("length", "length", "--max-steps 60 --learning-rate 1e-4");
        Assert.True(Diagnosed.Finding(runs.Path("length"), "length_bias").Holds);
    }

    string Train(string name, string rows, string training) =>
        runs.TrainOnly(name, ["train", "--model", DemoRuns.Model, "--ref", runs.Cache(rows), .. training.Split(' ')]).Output;

    void TrainSupervised(string name) => runs.TrainOnly(
        name, ["sft", "--model", DemoRuns.Model, .. runs.Data("few-rows"), "--max-steps", "60", "--learning-rate", "1e-3"]);

    void Holds(string name, params (string Id, FindingSeverity Severity, int Since)[] expected) => Assert.Equal(
        expected, Diagnosed.Of(runs.Path(name)).Holding.Select(finding => (finding.Id, finding.Severity, finding.Since)));
}
