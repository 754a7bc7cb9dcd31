using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Inspection;

public sealed class FeedbackWarningTests
{
    readonly HandMadeRows made = new();

    [Fact]
    public void Ordinary_feedback_gives_no_warning()
    {
        made.Add("p one", "yes it is so", label: true).Add("p two", "no not that", label: false)
            .Add("p three", "a", label: true).Add("p four", "b", label: false)
            .Add("p five", "so it is", split: Split.Eval, label: true).Add("p six", "so it is", split: Split.Eval, label: false);
        Assert.Empty(Found());
    }

    [Fact]
    public void A_completion_with_both_labels_is_a_contradiction_and_not_a_duplicate()
    {
        made.Add("p", "a b", label: true).Add("p", "a b", label: false).Add("q", "a b", label: true).Add("q", "a b c", label: false);
        Assert.Equal(["contradictory_labels: a:1 a:2", "duplicate_prompts: a:2 a:4"], Found());
    }

    [Fact]
    public void A_row_with_the_label_that_it_had_before_is_a_duplicate()
    {
        made.Add("p", "a b", label: true).Add("p", "a b", label: true).Add("q", "c", label: false).Add("r", "c", label: false);
        Assert.Equal(["duplicate_rows: a:2", "duplicate_prompts: a:2"], Found());
    }

    [Fact]
    public void A_held_out_prompt_that_is_trained_on_is_a_leak()
    {
        made.Add("What is it?", "a b", label: true).Add("And else?", "c d", label: false)
            .Add("what is  it?", "e f", split: Split.Eval, label: false).Add("What was it?", "e f", split: Split.Eval, label: true);
        Assert.Equal(["leaked_prompts: a:3"], Found());
    }

    [Fact]
    public void Empty_rows_cut_rows_and_doubled_beginnings_are_found()
    {
        made.Add("p 1", "a b", label: true, cut: 3).Add("p 2", "a b", label: false, bosTwice: true)
            .Add("p 3", "a", label: true).Add("p 4", "a", label: false)
            .Add("p 5", "", label: true);
        Assert.Equal(["empty: a:5", "missing_eos: a:1", "doubled_bos: a:2", "truncated: a:1"], Found());
        Assert.Contains(made.Warnings(RowKind.Unpaired, eosId: null), warning => warning is { Kind: "missing_eos", Count: 0 });
    }

    [Theory]
    [InlineData(Split.Train, "all 3 rows for training are desirable: KTO learns from the difference between the labels, and here is none")]
    [InlineData(Split.Eval, "all 3 rows held out are desirable: their figures say nothing about the other label")]
    public void A_split_with_one_label_is_told(Split split, string text)
    {
        var other = split == Split.Train ? Split.Eval : Split.Train;
        for (var i = 0; i < 3; i++)
        {
            made.Add($"p {i}", "a", split: split, label: true).Add($"q {i}", "b", split: other, label: i > 0);
        }

        made.Add("q 9", "b", split: other, label: false);
        var warning = Assert.Single(made.Warnings(RowKind.Unpaired));
        Assert.Equal(("one_label", 0, text), (warning.Kind, warning.Count, warning.Text));
    }

    // 1/(2/8) = 4 and 4/3 of it; 3/4 of 2/8, rounded to the inside, and 2/8. The other way round: 3/4 of 4, and 4; 1/4 and 4/3 of it.
    [Theory]
    [InlineData(2, 8, "pass `DesirableWeight` 4 to 5.33, or `UndesirableWeight` 0.188 to 0.25")]
    [InlineData(8, 2, "pass `UndesirableWeight` 3 to 4, or `DesirableWeight` 0.25 to 0.333")]
    public void Labels_out_of_balance_are_told_with_the_weights_that_mend_it(int desirable, int undesirable, string expected)
    {
        Labelled(desirable, undesirable);
        var warning = Assert.Single(made.Warnings(RowKind.Unpaired));
        Assert.Equal("unbalanced_labels", warning.Kind);
        Assert.StartsWith(
            $"{desirable} desirable and {undesirable} undesirable rows are trained on", warning.Text, StringComparison.Ordinal);
        Assert.EndsWith(expected, warning.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 6)]
    [InlineData(8, 6)]
    public void Labels_within_the_advised_bounds_are_balanced(int desirable, int undesirable)
    {
        Labelled(desirable, undesirable);
        // Held-out rows have no weight.
        made.Add("held 1", "a b", split: Split.Eval, label: true).Add("held 2", "a b", split: Split.Eval, label: true)
            .Add("held 3", "a b", split: Split.Eval, label: false);
        Assert.Empty(Found());
    }

    [Fact]
    public void Completions_of_one_label_that_are_mostly_longer_are_a_bias()
    {
        for (var i = 0; i < 10; i++)
        {
            made.Add($"p {i}", i < 8 ? "a b c d" : "e", label: true).Add($"q {i}", "c d x", label: false);
        }

        var warning = Assert.Single(made.Warnings(RowKind.Unpaired));
        Assert.Equal("length_bias", warning.Kind);
        // With the end-of-sequence token 8 of 5 tokens and 2 of 2 against 10 of 4: 80 of 100 couples, means 4.4 and 4.
        Assert.Matches(
            @"^a desirable completion is longer than an undesirable one in 80 % of all couples \(95 % within 5\d to 9\d\), "
            + "4 against 4 tokens on average: the model learns to write more$",
            warning.Text);
    }

    [Fact]
    public void A_bias_of_a_few_rows_may_be_chance_and_is_not_told()
    {
        for (var i = 0; i < 4; i++)
        {
            made.Add($"p {i}", "a", label: true).Add($"q {i}", "c d x", label: false);
        }

        Assert.Empty(Found());
        made.Add("p 9", "a", label: true).Add("q 9", "c d x", label: false);
        Assert.Equal(["length_bias: "], Found());
    }

    void Labelled(int desirable, int undesirable)
    {
        for (var i = 0; i < desirable + undesirable; i++)
        {
            made.Add($"p {i}", $"a b{i}", label: i < desirable);
        }
    }

    IEnumerable<string> Found() => made.Found(RowKind.Unpaired);
}
