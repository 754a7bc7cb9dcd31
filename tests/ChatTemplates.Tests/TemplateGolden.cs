using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrtDpo.ChatTemplates.Tests;

/// <summary>
/// What Hugging Face's JavaScript interpreter and Python's Jinja2 make of templates (tests/golden/templates/provenance.json).
/// </summary>
static class TemplateGolden
{
    static readonly Lazy<JsonElement> TheTemplates = Lazily("templates.json");
    static readonly Lazy<JsonElement> TheConversations = Lazily("conversations.json");

    public static IEnumerable<JsonElement> Templates => TheTemplates.Value.GetProperty("templates").EnumerateArray();

    public static IReadOnlyList<JsonElement> Conversations { get; } = [.. TheConversations.Value.EnumerateArray()];

    public static DateOnly Date => TheTemplates.Value.GetProperty("date") is var date
        ? new DateOnly(date.GetProperty("year").GetInt32(), date.GetProperty("month").GetInt32(), date.GetProperty("day").GetInt32())
        : default;

    /// <summary>The template of a model, with its special tokens.</summary>
    public static ChatTemplate Load(string model)
    {
        var source = Entry(model).GetProperty("template").GetString()!;
        return new ChatTemplate(model, source, TokensOf(model), Date);
    }

    /// <summary>The special tokens of a model, by their names.</summary>
    public static Dictionary<string, JsonElement> TokensOf(string model) => Entry(model).EnumerateObject()
        .Where(p => p.Name.EndsWith("_token", StringComparison.Ordinal) && p.Value.ValueKind != JsonValueKind.Null)
        .ToDictionary(p => p.Name, p => p.Value);

    /// <summary>A rendering as the golden files write it; null where the template refuses the messages.</summary>
    public static string? Render(ChatTemplate template, JsonElement conversation)
    {
        try
        {
            return Shorten(template.Render(
                conversation.GetProperty("messages"),
                conversation.GetProperty("add_generation_prompt").GetBoolean(),
                conversation.GetProperty("variables").EnumerateObject().ToDictionary(p => p.Name, p => p.Value)));
        }
        catch (Exception e) when (e is InvalidDataException or TemplateRefusalException)
        {
            return null;
        }
    }

    public static JsonElement Read(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Find("tests", "golden", "templates"), name))).RootElement;

    static JsonElement Entry(string model) => Templates.Single(t => t.GetProperty("name").GetString() == model);

    static string Shorten(string text) => text.Length <= 200 && !text.StartsWith('#')
        ? text
        : $"#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]}";

    static Lazy<JsonElement> Lazily(string name) => new(() => Read(name));
}
