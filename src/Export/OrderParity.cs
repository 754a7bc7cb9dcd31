namespace OrtDpo.Export;

/// <summary>Which completion of each pair the exported model prefers, and which the policy that was trained.</summary>
/// <param name="Pairs">Pairs that were compared.</param>
/// <param name="Ties">Those of which the policy's margin is so small that rounding decides; their order may be any.</param>
/// <param name="Changed">Of the others those that are in another order.</param>
/// <param name="Limit">How many may be.</param>
/// <param name="PolicyAccuracy">Share of all pairs of which the policy prefers the chosen completion.</param>
/// <param name="ExportedAccuracy">The same of the exported model.</param>
public sealed record OrderParity(int Pairs, int Ties, int Changed, int Limit, double PolicyAccuracy, double ExportedAccuracy)
{
    public bool Holds => Changed <= Limit;

    /// <summary>Compares margins, positive where the chosen completion is preferred.</summary>
    /// <param name="margins">Of each pair the policy's, the exported model's, and how far from 0 one is a tie.</param>
    /// <param name="share">The share of the pairs whose order may change, rounded up.</param>
    /// <returns>Null where there are no pairs.</returns>
    internal static OrderParity? Of(IReadOnlyList<(double Policy, double Exported, double Tie)> margins, double share)
    {
        if (margins.Count == 0)
        {
            return null;
        }

        // What is no number is in no order.
        var decided = margins.Where(m => !(Math.Abs(m.Policy) <= m.Tie)).ToList();
        var changed = decided.Count(m => !(m.Policy > 0 ? m.Exported > 0 : m.Exported < 0));
        return new OrderParity(
            margins.Count, margins.Count - decided.Count, changed, (int)Math.Ceiling(share * margins.Count),
            (double)margins.Count(m => m.Policy > 0) / margins.Count, (double)margins.Count(m => m.Exported > 0) / margins.Count);
    }
}
