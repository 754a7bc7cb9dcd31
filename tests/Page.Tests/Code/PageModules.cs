using System.Text.Json;

namespace OrtDpo.Page.Tests.Code;

/// <summary>The page's modules in Node, without a browser.</summary>
static class PageModules
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Asks one thing.</summary>
    /// <param name="request">A name of <c>tests/clients/page/modules.mjs</c>.</param>
    /// <param name="bodies">What is asked with it, once each.</param>
    public static IReadOnlyList<JsonElement> Ask(string request, params IReadOnlyList<object> bodies)
    {
        using var folder = new TemporaryFolder();
        Site.WriteTo(folder.Path);
        // Node takes a file for a module by its name or by this.
        folder.Write("package.json", """{"type":"module"}""");
        var requests = folder.Write("requests.jsonl", string.Join('\n', bodies.Select(
            body => JsonSerializer.Serialize(new { Request = request, Body = body }, Json))));
        var output = PagePackages.Run("modules.mjs", [requests, folder.File("code")]);
        var answers = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(bodies.Count, answers.Count);
        return answers;
    }
}
