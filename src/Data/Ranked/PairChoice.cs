using OrtDpo.Batches;

namespace OrtDpo.Data.Ranked;

/// <summary>Which pairs are made of ranked completions.</summary>
public enum PairChoice
{
    /// <summary>The best against the worst.</summary>
    BestWorst,

    /// <summary>The best against each other one.</summary>
    BestRest,

    /// <summary>Each against the next worse one.</summary>
    Adjacent,

    /// <summary>Each against every worse one.</summary>
    All,
}

/// <summary>Scores to pairs.</summary>
public static class RankedPairs
{
    /// <summary>The name that options and files have for <paramref name="choice"/>.</summary>
    public static string NameOf(PairChoice choice) => choice switch
    {
        PairChoice.BestWorst => "best-worst",
        PairChoice.BestRest => "best-rest",
        PairChoice.Adjacent => "adjacent",
        _ => "all",
    };

    /// <summary>The choice of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static PairChoice Parse(string name) =>
        Enum.GetValues<PairChoice>().Where(choice => NameOf(choice) == name).Select(choice => (PairChoice?)choice).FirstOrDefault()
        ?? throw new ArgumentException(
            $"`Pairs` is '{name}'; expected {string.Join(", ", Enum.GetValues<PairChoice>().Select(NameOf))}.");

    /// <summary>
    /// The completions that the choice uses, best first, as places in <paramref name="scores"/>, and its pairs among these. Of equal scores
    /// the first is the better one where one has to be taken, and two of them are never a pair.
    /// </summary>
    /// <param name="scores">Of each completion; higher is better.</param>
    /// <param name="choice">Which pairs.</param>
    public static (IReadOnlyList<int> Used, IReadOnlyList<CompletionPair> Pairs) Of(IReadOnlyList<double> scores, PairChoice choice)
    {
        if (scores.Count < 2)
        {
            return ([], []);
        }

        int[] order = [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i])];
        var last = order.Length - 1;
        var places = choice switch
        {
            PairChoice.BestWorst => Enumerable.Repeat(new CompletionPair(0, last), 1),
            PairChoice.BestRest => Enumerable.Range(1, last).Select(i => new CompletionPair(0, i)),
            PairChoice.Adjacent => Enumerable.Range(1, last).Select(i => new CompletionPair(i - 1, i)),
            _ => Enumerable.Range(0, last).SelectMany(i => Enumerable.Range(i + 1, last - i).Select(j => new CompletionPair(i, j))),
        };
        var pairs = places.Where(pair => scores[order[pair.Chosen]] > scores[order[pair.Rejected]]).ToList();
        int[] used = [.. pairs.SelectMany(pair => (int[])[pair.Chosen, pair.Rejected]).Distinct().Order()];
        return (
            [.. used.Select(place => order[place])],
            [.. pairs.Select(pair => new CompletionPair(Array.IndexOf(used, pair.Chosen), Array.IndexOf(used, pair.Rejected)))]);
    }
}
