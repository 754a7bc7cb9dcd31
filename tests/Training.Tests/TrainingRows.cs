using OrtDpo.Batches;

namespace OrtDpo.Training.Tests;

/// <summary>Rows of varied lengths whose chosen completion is of even tokens and whose rejected one is of odd tokens.</summary>
static class TrainingRows
{
    public const int Vocabulary = 8;
    public const float Beta = 0.5f;

    public static BigramEngine Engine() => new(Vocabulary);

    public static TrainingRow[] Pairs(int count, string name = "rows.jsonl")
    {
        using var reference = Engine();
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            int[] prompt = [1, .. Enumerable.Range(0, i % 3).Select(t => (i + t) % Vocabulary)];
            int[] chosen = [.. Enumerable.Range(0, 1 + (i % 4)).Select(t => 2 * ((i + t) % 4))];
            int[] rejected = [.. Enumerable.Range(0, 1 + (i % 5)).Select(t => 1 + (2 * ((i + t) % 4)))];
            var (c, r) = (reference.TokenLogps(prompt, chosen), reference.TokenLogps(prompt, rejected));
            return new TrainingRow(
                [$"{name}-{i}"],
                Example.Pair(prompt, chosen, rejected),
                [CompletionLogps.Of(c), CompletionLogps.Of(r)],
                name,
                i + 1);
        })];
    }

    public static TrainingRow[] Supervised(int count) =>
        [.. Pairs(count).Select(r => r with { Tokens = Example.Unjudged(r.Tokens.Prompt, r.Tokens.Completions[0]), Reference = null })];
}
