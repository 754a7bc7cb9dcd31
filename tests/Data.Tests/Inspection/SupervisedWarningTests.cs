using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Inspection;

public sealed class SupervisedWarningTests
{
    readonly HandMadeRows made = new();

    [Fact]
    public void Ordinary_rows_give_no_warning()
    {
        made.Add("p one", "yes it is so").Add("p two", "no not that").Add("p three", "a b c", split: Split.Eval);
        Assert.Empty(Found());
    }

    [Fact]
    public void The_same_row_again_and_the_same_prompt_with_another_completion_are_told_apart()
    {
        made.Add("p", "a b c").Add("p", "a b c").Add("p", "a b d").Add("p", "a b d").Add("q", "a b c");
        Assert.Equal(["duplicate_rows: a:2 a:4", "several_completions: a:3"], Found());
    }

    [Fact]
    public void A_held_out_prompt_that_is_trained_on_is_a_leak()
    {
        made.Add("What is it?", "a b c").Add("WHAT is it?", "c d e", split: Split.Eval).Add("What is that?", "c d e", split: Split.Eval);
        Assert.Equal(["leaked_prompts: a:2"], Found());
    }

    [Fact]
    public void A_completion_of_fewer_than_three_tokens_is_short_unless_it_was_cut()
    {
        for (var i = 0; i < 30; i++)
        {
            made.Add($"p {i}", i is 4 or 7 ? "a b" : "a b c", cut: i == 7 ? 5 : 0);
        }

        Assert.Equal(["short_completions: a:5", "missing_eos: a:8"], Found());
    }

    [Fact]
    public void A_completion_of_thirty_words_with_fewer_than_a_fifth_different_ones_is_repetitive()
    {
        // 30 words: 6 different ones are a fifth, 5 are fewer. 28 words are too few to tell.
        made.Add("p one", Circles("a b c d e f", 5)).Add("p two", Circles("a b c d e", 6)).Add("p three", Circles("a b c d", 7));
        Assert.Equal(["repetitive_completions: a:2"], Found());

        static string Circles(string words, int times) => string.Join(' ', Enumerable.Repeat(words, times));
    }

    [Fact]
    public void Empty_rows_cut_rows_and_doubled_beginnings_are_found()
    {
        made.Add("p 1", "a b c", cut: 3).Add("p 2", "a b c", bosTwice: true).Add("p 3", "");
        Assert.Equal(["empty: a:3", "missing_eos: a:1", "doubled_bos: a:2", "truncated: a:1"], Found());
    }

    [Fact]
    public void A_source_that_hardly_counts_is_named()
    {
        for (var i = 0; i < 60; i++)
        {
            made.Add($"p {i}", "a b c", source: i == 0 ? "small" : "large");
        }

        var warning = Assert.Single(made.Warnings(RowKind.Supervised));
        Assert.Equal("unbalanced_sources", warning.Kind);
        Assert.StartsWith("large gives 98.3 % of the rows and small 1.7 %", warning.Text, StringComparison.Ordinal);
    }

    IEnumerable<string> Found() => made.Found(RowKind.Supervised);
}
