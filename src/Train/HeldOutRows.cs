using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>The rows that a run holds out of its training.</summary>
/// <param name="Rows">The rows; none where nothing was held out.</param>
/// <param name="MaxLength">The bound on prompt + one completion that the run was trained with, in tokens.</param>
/// <param name="Cache">The reference cache that they are of; null where the run has no reference.</param>
public sealed record HeldOutRows(IReadOnlyList<TrainingRow> Rows, int MaxLength, ReferenceCache? Cache)
{
    /// <summary>Those of a run: of its cache, or of its own folder.</summary>
    /// <exception cref="DirectoryNotFoundException">The cache is not where the run says.</exception>
    /// <exception cref="InvalidDataException">Cache or data are not there, or damaged.</exception>
    public static HeldOutRows Of(TrainedRun run)
    {
        if (run.ReferenceCache is { } folder)
        {
            var cache = ReferenceCache.Open(folder);
            return new HeldOutRows(CachedRows.Of(cache, Split.Eval), cache.Identity.MaxLength, cache);
        }

        return new HeldOutRows(DataTraining.Rows(RunData.Of(run.Folder), Split.Eval), RunMaxLength.Of(run), Cache: null);
    }

    /// <summary>Refuses to go on without rows.</summary>
    /// <param name="run">The run that they are of.</param>
    /// <exception cref="InvalidDataException">There are none.</exception>
    internal void RequireAny(TrainedRun run)
    {
        if (Rows.Count == 0)
        {
            throw new InvalidDataException(run.ReferenceCache is { } folder
                ? $"{folder} holds no held-out rows. Run precompute with `EvalFraction` or `EvalFiles`."
                : $"{run.Folder} holds no held-out rows. Train with `EvalFraction` or `EvalFiles`.");
        }
    }
}
