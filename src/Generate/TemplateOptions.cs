using System.Text.Json;

namespace OrtDpo.Generate;

/// <summary>What writes messages as the text of a prompt.</summary>
public sealed record TemplateOptions
{
    /// <summary>A file of Jinja in place of the model's chat template; null: the model's.</summary>
    public string? File { get; init; }

    /// <summary>
    /// What the template takes for today, where it asks; the clock is never asked. Null: a template that asks is refused.
    /// </summary>
    public DateOnly? Date { get; init; }

    /// <summary>Switches of the template, such as <c>enable_thinking</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();
}
