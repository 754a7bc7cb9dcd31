using OrtDpo.Data;
using OrtDpo.Runs;

namespace OrtDpo.Page;

/// <summary>A page to write: of a run, or of artifacts.</summary>
public sealed record PageRequest
{
    /// <summary>The run whose model, objective, numbers and pairs the page has; null: it is of <see cref="Artifacts"/>.</summary>
    public string? Run { get; init; }

    /// <summary>
    /// Which of the run's checkpoints the page begins with, and compares with; null: the model that the run began with.
    /// </summary>
    public CheckpointChoice? Checkpoint { get; init; }

    /// <summary>A folder of artifacts; null: they are made of <see cref="Run"/>.</summary>
    public string? Artifacts { get; init; }

    /// <summary>Files of pairs to show with artifacts; none: the page begins with those that its reader types.</summary>
    public IReadOnlyList<DataSource> Files { get; init; } = [];

    /// <summary>Files beside those of <see cref="Files"/> that are no data; the result's ledger names them.</summary>
    public IReadOnlyList<string> PassedOverFiles { get; init; } = [];

    /// <summary>How many pairs the page begins with at most.</summary>
    public int Pairs { get; init; } = 8;

    /// <summary>The folder that npm installed the page's packages in: <c>node_modules</c>, or one of archives that npm packed.</summary>
    public string Packages { get; init; } = "node_modules";

    /// <summary>The folder to make; it must not exist.</summary>
    public required string Out { get; init; }
}
