using System.Globalization;
using System.Text.Json;

namespace OrtDpo.ChatTemplates.Tests;

/// <summary>Published templates and single constructs, held against two other interpreters.</summary>
public sealed class TemplateGoldenTests
{
    public static TheoryData<string> Models => new(TemplateGolden.Templates.Select(t => t.GetProperty("name").GetString()!));

    // Where the two differ, Python is right: models are trained with it (docs/decisions).
    [Theory]
    [MemberData(nameof(Models))]
    public void A_published_template_gives_the_same_text(string model)
    {
        var template = TemplateGolden.Load(model);
        var javaScript = TemplateGolden.Read("javascript.json").GetProperty(model);
        var python = TemplateGolden.Read("python.json").GetProperty(model);
        var wrong = new List<string>();
        foreach (var (i, conversation) in TemplateGolden.Conversations.Index())
        {
            var expected =
                (python.TryGetProperty(i.ToString(CultureInfo.InvariantCulture), out var other) ? other : javaScript[i]).GetString();
            var found = TemplateGolden.Render(template, conversation);
            if (found != expected)
            {
                wrong.Add(
                    $"{conversation.GetProperty("name")}:\n  {JsonSerializer.Serialize(found)}\n  {JsonSerializer.Serialize(expected)}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} differ:\n{string.Join('\n', wrong.Take(20))}");
    }

    [Fact]
    public void Each_construct_gives_what_Python_gives()
    {
        var source = TemplateGolden.Read("snippets.json");
        var wrong = new List<string>();
        foreach (var (snippet, expected) in source.GetProperty("templates").EnumerateArray()
            .Zip(TemplateGolden.Read("snippets.golden.json").EnumerateArray()))
        {
            var found = Snippets.RenderOrNull(snippet.GetString()!, source.GetProperty("messages"), source.GetProperty("data"));
            if (found != expected.GetString())
            {
                wrong.Add($"{snippet}:\n  {found}\n  {expected}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} differ:\n{string.Join('\n', wrong)}");
    }
}
