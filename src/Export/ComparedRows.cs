using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Runs;

namespace OrtDpo.Export;

/// <summary>The rows that an export of a run is compared on.</summary>
/// <param name="Rows">What is scored.</param>
/// <param name="IsHeldOut">Whether they are held out, and not, for want of them, trained on.</param>
/// <param name="Reference">
/// Of each row the reference's log-probabilities of its completions, in nats; null where the run has no reference.
/// </param>
sealed record ComparedRows(IReadOnlyList<Example> Rows, bool IsHeldOut, IReadOnlyList<IReadOnlyList<double>>? Reference)
{
    // Enough tokens for the mean to mean something; exporting must not take longer than an evaluation.
    const int Most = 64;

    /// <summary>Those of a run.</summary>
    public static ComparedRows Of(TrainedRun run)
    {
        var all = AllOf(run);
        var heldOut = all.Where(row => row.Split == Split.Eval).ToList();
        var rows = (heldOut.Count > 0 ? heldOut : all).Take(Most).ToList();
        return new ComparedRows(
            [.. rows.Select(row => row.Tokens)], heldOut.Count > 0,
            run.ReferenceCache is null ? null : [.. rows.Select(row => row.Reference!)]);
    }

    static List<(Split Split, Example Tokens, IReadOnlyList<double>? Reference)> AllOf(TrainedRun run) => run.ReferenceCache is { } cache
        ? [.. ReferenceCache.Open(cache).Rows.Select(
            row => (row.Split, row.Tokens, (IReadOnlyList<double>?)[.. row.Reference.Select(logps => logps.Sum)]))]
        : [.. RunData.Of(run.Folder).Rows.Select(row => (row.Split, row.Tokens, (IReadOnlyList<double>?)null))];
}
