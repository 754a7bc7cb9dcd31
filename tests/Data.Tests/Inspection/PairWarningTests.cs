using OrtDpo.Batches;
using OrtDpo.Data.Inspection;

namespace OrtDpo.Data.Tests.Inspection;

public sealed class PairWarningTests
{
    static readonly string Twenty = string.Join(' ', Enumerable.Range(1, 20).Select(i => $"w{i}"));

    readonly HandMadeRows made = new();

    [Fact]
    public void Ordinary_rows_give_no_warning()
    {
        made.Add("p one", "yes it is so", "no it is").Add("p two", "no not that", "well perhaps it is").Add("p three", "a b c", "d e f");
        Assert.Empty(All());
    }

    [Fact]
    public void Identical_completions_are_found()
    {
        made.Add("p one", "same words", "same words").Add("p two", "same words", "other words here");
        Assert.Equal(["identical_completions: a:1"], All());
    }

    [Fact]
    public void Completions_that_differ_in_case_white_space_or_one_word_of_twenty_are_near_identical()
    {
        made.Add("p one", "Yes, it is.", "yes,  it IS.")
            .Add("p two", $"{Twenty} end", Twenty.Replace("w7 ", "x7 ", StringComparison.Ordinal) + " end")
            .Add("p three", $"{Twenty} end", Twenty.Replace("w7 w8", "x7 x8", StringComparison.Ordinal) + " end")
            .Add("p four", "one two", "one three");
        Assert.Equal(["near_identical_completions: a:1 a:2"], All());
    }

    [Fact]
    public void Empty_completions_are_found()
    {
        made.Add("p one", "", "b").Add("p two", "a", "").Add("p three", "a", "b");
        Assert.Equal(["empty: a:1 a:2"], All());
    }

    [Fact]
    public void Repeated_prompts_and_repeated_rows_are_told_apart()
    {
        made.Add("p", "a b", "c d").Add("p", "e f", "g h").Add("p", "a b", "c d").Add("q", "a b", "c d");
        Assert.Equal(["duplicate_pairs: a:3", "duplicate_prompts: a:2 a:3"], All());
    }

    [Fact]
    public void A_held_out_prompt_that_is_trained_on_but_for_case_and_white_space_is_a_leak()
    {
        made.Add("What is it?", "a b", "c d")
            .Add("what  is it?", "e f", "g h", Split.Eval)
            .Add("What else?", "e f", "g h", Split.Eval);
        Assert.Equal(["leaked_prompts: a:2"], All());
    }

    [Fact]
    public void The_same_completions_the_other_way_round_look_swapped()
    {
        made.Add("p", "a b", "c d").Add("p", "c d", "a b").Add("q", "c d", "a b");
        Assert.Equal(["swapped_contradiction: a:1 a:2", "duplicate_prompts: a:2"], All());
    }

    [Fact]
    public void A_chosen_that_goes_round_in_circles_beside_a_rejected_that_does_not_looks_swapped()
    {
        var circles = string.Join(' ', Enumerable.Repeat("so it is and", 10));
        made.Add("p one", circles, Twenty).Add("p two", Twenty, circles).Add("p three", circles, circles + " so");
        Assert.Equal(["near_identical_completions: a:3", "swapped_repetition: a:1"], All());
    }

    [Fact]
    public void A_completion_under_three_tenths_of_the_other_is_one_sided()
    {
        // With the end-of-sequence token: 3 of 10 tokens, which is not under 0.3, and 3 of 11, which is.
        made.Add("p one", "a b", "1 2 3 4 5 6 7 8 9").Add("p two", "1 2 3 4 5 6 7 8 9 10", "a b");
        Assert.Equal(["length_ratio: a:2"], All());
    }

    [Fact]
    public void Completions_of_one_kind_that_are_mostly_longer_are_a_bias()
    {
        for (var i = 0; i < 20; i++)
        {
            made.Add($"p {i}", i < 16 ? "a b c d" : "e f", "c d x");
        }

        var warning = Assert.Single(Warnings());
        // 16 of 20; Wilson's interval by hand is 0.584 to 0.919. Means: 16 of 5 tokens and 4 of 3; all of 4.
        Assert.Equal("length_bias", warning.Kind);
        Assert.StartsWith(
            "chosen is the longer one in 80 % of the pairs (95 % within 58 to 92), 5 against 4 tokens on average",
            warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bias_of_a_few_rows_may_be_chance_and_is_not_told()
    {
        // 3 of 3: Wilson's interval reaches down to 0.44.
        made.Add("p 1", "a b c", "d").Add("p 2", "a b c", "d e").Add("p 3", "a b c", "d e");
        Assert.DoesNotContain(All(), warning => warning.StartsWith("length_bias", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_end_of_sequence_token_is_found_in_rows_and_in_the_tokenizer()
    {
        for (var i = 0; i < 30; i++)
        {
            made.Add($"p {i}", "a b", "c d", cut: i == 4 ? 3 : 0);
        }

        Assert.Equal(["missing_eos: a:5"], All());
        Assert.Equal("missing_eos", Assert.Single(Warnings(eosId: null)).Kind);
    }

    [Fact]
    public void Rows_cut_in_number_are_told()
    {
        made.Add("p 1", "a b", "c d", cut: 3).Add("p 2", "a b", "c d");
        Assert.Equal(["missing_eos: a:1", "truncated: a:1"], All());
    }

    [Fact]
    public void A_prompt_that_begins_twice_is_found()
    {
        made.Add("p 1", "a b", "c d", bosTwice: true).Add("p 2", "a b", "c d");
        Assert.Equal(["doubled_bos: a:1"], All());
    }

    [Fact]
    public void A_source_that_hardly_counts_is_named()
    {
        for (var i = 0; i < 60; i++)
        {
            made.Add($"p {i}", "a b", "c d", source: i == 0 ? "small" : "large");
        }

        var warning = Assert.Single(Warnings());
        Assert.Equal("unbalanced_sources", warning.Kind);
        Assert.StartsWith("large gives 98.3 % of the pairs and small 1.7 %", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_source_whose_rows_are_used_often_enough_counts()
    {
        for (var i = 0; i < 60; i++)
        {
            made.Add($"p {i}", "a b", "c d", source: i == 0 ? "small" : "large", copies: i == 0 ? 10 : 1);
        }

        Assert.Empty(All());
    }

    [Fact]
    public void A_source_of_more_than_a_tenth_counts_and_held_out_files_may_be_small()
    {
        for (var i = 0; i < 100; i++)
        {
            made.Add($"p {i}", "a b", "c d", source: i < 11 ? "small" : "large");
        }

        made.Add("q", "a b", "c d", Split.Eval, source: "held out");
        Assert.Empty(All());
    }

    IEnumerable<string> All() => made.Found(RowKind.Pair);

    IReadOnlyList<Warning> Warnings(int? eosId = HandMadeRows.Eos) => made.Warnings(RowKind.Pair, eosId);
}
