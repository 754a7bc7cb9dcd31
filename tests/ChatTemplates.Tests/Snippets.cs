using System.Text.Json;

namespace OrtDpo.ChatTemplates.Tests;

/// <summary>Renders templates that stand in tests.</summary>
static class Snippets
{
    public static JsonElement NoMessages { get; } = JsonDocument.Parse("[]").RootElement;

    public static ChatTemplate Template(string source) =>
        new("chat_template.jinja", source, new Dictionary<string, JsonElement>(), TemplateGolden.Date);

    public static string Render(string source, string messages = "[]") => Template(source).Render(JsonDocument.Parse(messages).RootElement);

    /// <summary>Null where the template refuses what it is given, or needs what is not supported.</summary>
    public static string? RenderOrNull(string source, JsonElement messages, JsonElement data)
    {
        try
        {
            return Template(source).Render(messages, variables: new Dictionary<string, JsonElement> { ["data"] = data });
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            return null;
        }
    }
}
