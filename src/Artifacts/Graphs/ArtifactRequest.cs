using OrtDpo.Adapters;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>A model to make artifacts of, and where.</summary>
public sealed record ArtifactRequest
{
    /// <summary>The folder of the model; or of an adapter, which stands for its base with it.</summary>
    public required string Model { get; init; }

    /// <summary>The folder to make; it must not exist.</summary>
    public required string Out { get; init; }

    /// <summary>The folder of an adapter to go on with; null: none.</summary>
    public string? Adapter { get; init; }

    /// <summary>A new adapter; null: none.</summary>
    public LoraConfig? Lora { get; init; }

    /// <summary>What a new adapter's numbers are drawn from.</summary>
    public ulong Seed { get; init; }

    /// <summary>The longest prompt with one completion, in tokens; null: as training chooses it.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What the artifacts are to be.</summary>
    public required ArtifactOptions Options { get; init; }
}
