using OrtDpo.Data;
using OrtDpo.Data.Inspection;

namespace OrtDpo.Precompute;

/// <summary>What data is, read as precompute and sft read it.</summary>
/// <param name="Data">Counts, lengths, one row, and warnings.</param>
/// <param name="MaxLength">Bound on prompt + one completion, in tokens.</param>
/// <param name="MaxLengthReason">Why it is that.</param>
/// <param name="Conversations">How messages are written; null where rows are text.</param>
public sealed record InspectResult(DataInspection Data, int MaxLength, string MaxLengthReason, Conversations? Conversations);
