using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Cache;

/// <summary>Unpaired feedback to be cached; every seventh row has the tokens of the one before it, with the other label.</summary>
static class FeedbackRun
{
    public static IReadOnlyList<PreparedExample> Rows(int count) => [.. CacheRun.Pairs(count).Select((pair, i) =>
        pair with { Tokens = Example.Labelled(pair.Tokens.Prompt, pair.Tokens.Completions[0], i % 3 == 0) })];

    public static CacheRun Of(int count) => new() { Rows = Rows(count) };
}
