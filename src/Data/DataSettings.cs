using System.Text.Json;
using OrtDpo.Data.Ranked;

namespace OrtDpo.Data;

/// <summary>Which rows are read, and how they become tokens.</summary>
public sealed record DataSettings
{
    /// <summary>Files of rows, from which <see cref="Split"/> may hold prompts out.</summary>
    public required IReadOnlyList<DataSource> Files { get; init; }

    /// <summary>Files that are held out whole.</summary>
    public IReadOnlyList<DataSource> EvalFiles { get; init; } = [];

    /// <summary>Which rows of <see cref="Files"/> are held out.</summary>
    public SplitRule Split { get; init; } = SplitRule.None;

    /// <summary>Bounds prompt + one completion, in tokens; null = min(1024, the model's positions).</summary>
    public int? MaxLength { get; init; }

    /// <summary>Bounds the prompt, in tokens; a longer one loses its beginning. Null: a prompt is never cut.</summary>
    public int? MaxPromptLength { get; init; }

    /// <summary>What chat templates take for today; null: one that asks is refused.</summary>
    public DateOnly? TemplateDate { get; init; }

    /// <summary>A file of Jinja that writes rows of messages in place of the model's chat template; null: that one does.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Switches of the chat template, for every row that does not set them itself.</summary>
    public IReadOnlyDictionary<string, JsonElement> ChatTemplateKwargs { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>
    /// How many rows of <see cref="Files"/> are trained on at most, the first in the order of the split's seed; held-out rows do not count.
    /// Null: all.
    /// </summary>
    public int? MaxRows { get; init; }

    /// <summary>Pairs whose <c>score_ratio</c> is below are dropped; null: none is.</summary>
    public double? MinScoreRatio { get; init; }

    /// <summary>Which turns of whole conversations are learned by a supervised run; null = <see cref="ScoredTurns.Last"/>.</summary>
    public ScoredTurns? Turns { get; init; }

    /// <summary>Which pairs are made of ranked completions; null = <see cref="PairChoice.BestWorst"/>.</summary>
    public PairChoice? Pairs { get; init; }

    /// <summary>Files of the folders that were given which are not read.</summary>
    public IReadOnlyList<string> PassedOverFiles { get; init; } = [];

    /// <summary>All files, those that are held out whole last.</summary>
    public IReadOnlyList<DataSource> AllFiles => [.. Files, .. EvalFiles];
}
