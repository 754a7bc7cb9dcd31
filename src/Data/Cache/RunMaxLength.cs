using System.Globalization;
using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>The bound on prompt + one completion that a run was trained with.</summary>
public static class RunMaxLength
{
    /// <summary>The bound in tokens: its cache's, or where it has no reference its own.</summary>
    public static int Of(TrainedRun run) => run.ReferenceCache is { } cache
        ? ReferenceCache.Open(cache).Identity.MaxLength
        : int.Parse(run.Config["max_length"], CultureInfo.InvariantCulture);
}
