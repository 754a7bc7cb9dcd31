using OrtDpo.Data;

namespace OrtDpo.Cli.Inspect;

/// <summary>What is inspected.</summary>
/// <param name="Model">Whose tokenizer and positions count: a Hugging Face model folder.</param>
/// <param name="Data">Rows of one kind.</param>
/// <param name="Json">Whether the result is one JSON object.</param>
sealed record InspectSettings(string Model, DataSettings Data, bool Json);
