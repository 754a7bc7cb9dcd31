using OrtDpo.Artifacts.Graphs;
using OrtDpo.Batches;
using OrtDpo.Data;

namespace OrtDpo.Page;

/// <summary>What a page is made of, its artifacts being written already.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Manifest">Its artifacts.</param>
/// <param name="Pairs">All pairs that it may show, in their order.</param>
/// <param name="HeldOut">Pairs that it is not to show: a question is taken from there.</param>
sealed record PageOrigin(string Name, ArtifactManifest Manifest, IReadOnlyList<Example> Pairs, IReadOnlyList<Example> HeldOut)
{
    /// <summary>What became of the rows of files; null where pairs come from a run, whose ledger it told.</summary>
    public Ledger? Ledger { get; init; }

    /// <summary>Pairs of an optimizer step.</summary>
    public int BatchPairs { get; init; } = 8;

    /// <summary>The learning rate.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Bounds the prompt, in tokens; null: it is never cut.</summary>
    public int? MaxPromptLength { get; init; }
}
