using OrtDpo.Data.Cache;

namespace OrtDpo.Precompute;

/// <summary>A reference cache that is complete, written and read back.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Plan">Its rows and parts in numbers.</param>
/// <param name="Ledger">The path of the account of all rows.</param>
/// <param name="KeptBase">The path of the base in 4 bits, where it was to be kept.</param>
public sealed record PrecomputeResult(string Folder, PlanSummary Plan, string Ledger, string? KeptBase);
