using OrtDpo.Core.Data;

namespace OrtDpo.Cli.Inspect;

/// <summary>What is inspected.</summary>
/// <param name="Model">Whose tokenizer and positions count: a Hugging Face model folder.</param>
/// <param name="Data">Files of preference pairs.</param>
/// <param name="EvalData">Files that are held out whole.</param>
/// <param name="Split">Which rows of <paramref name="Data"/> are held out.</param>
/// <param name="MaxLength">Bounds prompt + one completion, in tokens; null = min(1024, the model's positions).</param>
/// <param name="Json">Whether the result is one JSON object.</param>
sealed record InspectSettings(
    string Model, IReadOnlyList<DataSource> Data, IReadOnlyList<DataSource> EvalData, SplitRule Split, int? MaxLength, bool Json);
