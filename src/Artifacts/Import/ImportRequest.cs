namespace OrtDpo.Artifacts.Import;

/// <summary>A checkpoint that was trained on a device, and what it is to become.</summary>
public sealed record ImportRequest
{
    /// <summary>The checkpoint's file.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The folder of the artifacts that it was trained with; null: the checkpoint says by itself what it is of.</summary>
    public string? Artifacts { get; init; }

    /// <summary>The folder of the model that the artifacts were made of; of an adapter's, the base.</summary>
    public required string Model { get; init; }

    /// <summary>The folder to make; it must not exist.</summary>
    public required string Out { get; init; }
}
