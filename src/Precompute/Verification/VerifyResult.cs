using OrtDpo.Data.Cache;

namespace OrtDpo.Precompute;

/// <summary>What was found; what <c>verify --json</c> prints.</summary>
public sealed record VerifyResult
{
    /// <summary>What was verified.</summary>
    public required string Folder { get; init; }

    /// <summary><c>cache</c> or <c>run</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether there are no faults.</summary>
    public bool Ok => Faults.Count == 0;

    public required IReadOnlyList<string> Faults { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Files whose bytes were compared with their digests.</summary>
    public required int Files { get; init; }

    /// <summary>Manifests of a cache; 0 of a run.</summary>
    public int Shards { get; init; }

    /// <summary>Rows of a cache in whole parts; 0 of a run.</summary>
    public int Rows { get; init; }

    /// <summary>The sample that was scored again; null = none was.</summary>
    public Rescoring? Rescored { get; init; }
}
