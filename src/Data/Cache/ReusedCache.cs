namespace OrtDpo.Data.Cache;

/// <summary>One shard of an older cache, as far as scores were taken from it.</summary>
/// <param name="ManifestSha256">Of its manifest when it was read.</param>
/// <param name="Pairs">Distinct pairs that were taken.</param>
/// <param name="Environment">On what these were scored.</param>
/// <param name="ProbeDistance">How far its fixed rows score from this cache's at most, in nats a token.</param>
public sealed record ReusedCache(string ManifestSha256, int Pairs, ScoringEnvironment Environment, float ProbeDistance);
