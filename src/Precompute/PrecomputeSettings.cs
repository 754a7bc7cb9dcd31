using OrtDpo.Core.Data;

namespace OrtDpo.Precompute;

/// <summary>What stage 1 is asked to do.</summary>
public sealed record PrecomputeSettings
{
    /// <summary>The reference: a Hugging Face model folder.</summary>
    public required string Model { get; init; }

    /// <summary>Files of preference pairs, or of unpaired feedback.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>Files that are held out whole.</summary>
    public required IReadOnlyList<DataSource> EvalData { get; init; }

    /// <summary>Which rows of <see cref="Data"/> are held out.</summary>
    public required SplitRule Split { get; init; }

    /// <summary>Bounds prompt + one completion, in tokens; null = min(1024, the model's positions).</summary>
    public required int? MaxLength { get; init; }

    /// <summary>What chat templates take for today; null: one that asks is refused.</summary>
    public required DateOnly? TemplateDate { get; init; }

    /// <summary>Which prompts are this run's.</summary>
    public required Shard Shard { get; init; }

    /// <summary>Older caches whose scores are taken where the row keys agree.</summary>
    public required IReadOnlyList<string> Reuse { get; init; }

    /// <summary>Threads to score with.</summary>
    public required int Threads { get; init; }

    /// <summary>The cache's folder.</summary>
    public required string Out { get; init; }
}
