using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>What a log-probability depends on beside the tokens.</summary>
/// <param name="ReferenceDigest">Of the reference's weights and configuration.</param>
/// <param name="ScoringVersion">Which numbers the code computes; raised only when they change.</param>
/// <param name="Dtype">The type computed in: <c>fp32</c> or <c>bf16</c>.</param>
/// <param name="BaseForm">How the reference's linear weights are held; null: as its files have them.</param>
public sealed record CacheContract(string ReferenceDigest, int ScoringVersion, string Dtype, string? BaseForm = null)
{
    /// <summary>The numbers that this code computes.</summary>
    public const int CurrentScoringVersion = 1;

    /// <summary>
    /// SHA-256 of the line <c>ortdpo-contract-1</c> and one line for each part that is there, each ended by a line feed; in hexadecimal
    /// digits.
    /// </summary>
    public string Digest() => FileDigest.OfText(
        FormattableString.Invariant($"ortdpo-contract-1\n{ReferenceDigest}\n{ScoringVersion}\n{Dtype}\n")
        + (BaseForm is null ? "" : $"{BaseForm}\n"));
}
