using System.Text.Json;
using OrtDpo.Batches;

namespace OrtDpo.Page.Tests.Code;

public sealed class PackingTests
{
    const int Seed = 47;

    [Fact]
    public void The_pages_batches_are_those_of_training_with_the_chosen_completions_first()
    {
        var random = new Random(Seed);
        var cases = Enumerable.Range(0, 60).Select(i => (
            Pairs: Enumerable.Range(0, 1 + random.Next(6)).Select(_ => Pair(random)).ToList(),
            Layout: i % 3 == 0 ? BatchLayout.Stacked : BatchLayout.Packed)).ToList();
        var found = PageModules.Ask("pack", [.. cases.Select(c => new
        {
            Pairs = c.Pairs.Select(pair => new { pair.Prompt, Chosen = pair.Completions[0], Rejected = pair.Completions[1] }),
            Layout = c.Layout == BatchLayout.Stacked ? "stacked" : "packed",
        })]);
        foreach (var ((pairs, layout), batch) in cases.Zip(found))
        {
            var expected = ExamplePacking.Pack(pairs, layout);
            var width = expected.CompletionWidth;
            Assert.Equal((expected.Rows, expected.Width), (Number(batch, "rows"), Number(batch, "width")));
            Assert.Equal((expected.Completions, width), (Number(batch, "completions"), Number(batch, "completionWidth")));
            Assert.Equal(expected.InputIds, Longs(batch, "inputIds"));
            Assert.Equal(expected.PositionIds, Longs(batch, "positionIds"));
            Assert.Equal(expected.SegmentIds, Longs(batch, "segmentIds"));
            // Training has each pair's completions together.
            var all = Enumerable.Range(0, pairs.Count).ToList();
            int[] order = [.. all.Select(i => 2 * i), .. all.Select(i => (2 * i) + 1)];
            Assert.Equal(order.SelectMany(r => expected.CompletionIndex.Skip(r * width).Take(width)), Longs(batch, "completionIndex"));
            Assert.Equal(order.SelectMany(r => expected.CompletionIds.Skip(r * width).Take(width)), Longs(batch, "completionIds"));
            Assert.Equal(
                order.SelectMany(r => expected.CompletionMask.Skip(r * width).Take(width)).Select(mask => (long)mask),
                Longs(batch, "completionMask"));
            Assert.Equal(order.Select(r => (long)expected.CompletionLength(r)), Longs(batch, "lengths"));
        }
    }

    [Fact]
    public void A_step_is_parted_where_its_logits_would_not_fit_and_a_loss_over_the_step_never_is()
    {
        var pair = new { Prompt = Tokens(4), Chosen = Tokens(64), Rejected = Tokens(32) };
        object Asked(string scope, int vocabulary) => new
        {
            Pairs = Enumerable.Repeat(pair, 10), Manifest = new { Scope = scope, Model = new { Vocabulary = vocabulary } },
        };

        // 2 · 64 numbers a pair and token of the vocabulary, and 2^24 in all.
        var found = PageModules.Ask("micro", Asked("row", 1 << 10), Asked("row", 1 << 15), Asked("row", 1 << 20), Asked("step", 1 << 20));
        Assert.Equal([[10], [4, 4, 2], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [10]], found.Select(parts => parts.Deserialize<int[]>()!));

        static int[] Tokens(int count) => [.. Enumerable.Range(1, count)];
    }

    static Example Pair(Random random)
    {
        return Example.Pair(Tokens(9), Tokens(12), Tokens(12));

        int[] Tokens(int most) => [.. Enumerable.Range(0, 1 + random.Next(most)).Select(_ => random.Next(1, 1000))];
    }

    static int Number(JsonElement batch, string name) => batch.GetProperty(name).GetInt32();

    static IEnumerable<long> Longs(JsonElement batch, string name) => batch.GetProperty(name).EnumerateArray().Select(n => n.GetInt64());
}
