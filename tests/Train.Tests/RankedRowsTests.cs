using OrtDpo.Batches;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests;

public class RankedRowsTests
{
    [Fact]
    public void The_pairs_of_a_row_are_put_together()
    {
        var joined = RankedRows.Join(
            [Row(1, "a", Example.Pair([1], [2], [3])), Row(1, "b", Example.Pair([1], [2], [4])), Row(2, "c", Example.Pair([1], [2], [3]))]);
        Assert.Equal([2, 1], joined.Select(row => row.Terms));
        Assert.Equal(3, joined[0].Tokens.Completions.Count);
    }

    [Fact]
    public void The_turns_of_a_conversation_stay_rows_of_their_own()
    {
        var joined = RankedRows.Join(
            [
                Row(1, "a", Example.Unjudged([1], [2])),
                Row(1, "b", Example.Unjudged([1, 2, 3], [4])),
                Row(2, "c", Example.Unjudged([1], [2])),
            ]);
        Assert.Equal(["a", "b", "c"], joined.Select(row => row.Keys[0]));
    }

    static TrainingRow Row(long number, string key, Example tokens) => new([key], tokens, Reference: null, "data", number);
}
