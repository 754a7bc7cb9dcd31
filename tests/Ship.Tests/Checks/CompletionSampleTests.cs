using OrtDpo.Batches;
using OrtDpo.Ship.Checks;
using OrtDpo.Training;

namespace OrtDpo.Ship.Tests.Checks;

public sealed class CompletionSampleTests
{
    [Fact]
    public void All_chosen_completions_are_taken_where_there_is_room_and_each_once()
    {
        var sample = CompletionSample.Of(
            [Pair(1, [1, 2], [3]), Pair(2, [4], [5]), Pair(1, [1, 2], [9]), Row(3, Example.Labelled([3], [6], false)),
                Row(4, Example.Labelled([4], [7], true)), Row(5, Example.Unjudged([5], [8, 9]))],
            vocabulary: 10);
        Assert.Equal(["1 2", "4", "7", "8 9"], sample.Select(one => string.Join(' ', one.Completion)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Ranked_completions_are_taken_where_they_are_preferred_to_another()
    {
        var known = new Judgement.Preference([new CompletionPair(0, 1), new CompletionPair(0, 2), new CompletionPair(1, 2)]);
        var sample = CompletionSample.Of([Row(1, new Example([1], [[2], [3], [4]], known))], vocabulary: 10);
        Assert.Equal([2, 3], sample.Select(one => one.Completion[0]).Order());
    }

    [Fact]
    public void The_bounds_on_tokens_and_on_memory_keep_completions_whole()
    {
        List<TrainingRow> rows = [.. Enumerable.Range(0, 100).Select(i => Pair(i, [.. Enumerable.Repeat(1, 100)], [2]))];
        Assert.Equal(CompletionSample.MostTokens / 100, CompletionSample.Of(rows, vocabulary: 10).Count);
        // 512 MiB of float32 are 894 distributions over 150,000 tokens.
        Assert.Equal(8, CompletionSample.Of(rows, vocabulary: 150_000).Count);
        // One is taken whatever it takes.
        Assert.Single(CompletionSample.Of(rows, vocabulary: int.MaxValue));
    }

    [Fact]
    public void The_order_depends_on_nothing_but_how_many_rows_there_are()
    {
        List<TrainingRow> rows = [.. Enumerable.Range(0, 100).Select(i => Pair(i, [.. Enumerable.Repeat(1, 100)], [2]))];
        Assert.Equal(
            CompletionSample.Of(rows, vocabulary: 10).Select(one => one.Row),
            CompletionSample.Of(rows, vocabulary: 11).Select(one => one.Row));
    }

    static TrainingRow Pair(int prompt, int[] chosen, int[] rejected) => Row(prompt, Example.Pair([prompt], chosen, rejected));

    static TrainingRow Row(int number, Example tokens) => new([$"{number}"], tokens, Reference: null, "rows", number);
}
