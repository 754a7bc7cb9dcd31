using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>What reports call the completions of an example, in their order.</summary>
static class CompletionNames
{
    internal static IReadOnlyList<string> Of(Example example) => (example.Kind, example.Completions.Count) switch
    {
        (RowKind.Pair, 2) => ["chosen", "rejected"],
        (RowKind.Pair, var count) => [.. Enumerable.Range(1, count).Select(i => FormattableString.Invariant($"completion {i}"))],
        _ => ["completion"],
    };
}
