using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.ML.OnnxRuntimeGenAI;
using OrtDpo.Data;
using OrtDpo.Runtime.Generation;
using OrtDpo.Tokenizers;

namespace OrtDpo.GenAI.Tests;

/// <summary>
/// Chats with an exported model through Microsoft.Extensions.AI's interface, as .NET programs call models, against the rendering and the
/// tokenizer that it was trained with and greedy decoding in plain ONNX Runtime.
/// </summary>
[Trait("Speed", "native")]
public sealed class ChatClientTests : IDisposable
{
    // The form of the pairs that the demo model was trained on, with line ends for people.
    const string Template = """
        {% for m in messages %}
        {% if m.role == 'user' %}
        User: {{ m.content }}
        {% else %}
        Assistant: {{ m.content }}
        {% endif %}
        {% endfor %}
        {% if add_generation_prompt %}
        Assistant:{% endif %}
        """;

    const int NewTokens = 24;

    static readonly ChatMessage[] Messages =
    [
        new(ChatRole.User, "What do you call a young dog?"),
        new(ChatRole.Assistant, "A young dog is a puppy."),
        new(ChatRole.User, "And \"a young cat\"?"),
    ];

    readonly TemporaryFolder folder = new();

    public ChatClientTests()
    {
        var model = folder.File("model");
        Directory.CreateDirectory(model);
        foreach (var file in Directory.GetFiles(Repository.Find("models", "demo")))
        {
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), Template);
        ExportedFolder.Make(model, Export);
    }

    string Export => folder.File("export");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_chat_gets_the_tokens_that_its_rendering_gets_here()
    {
        using var client = new OnnxRuntimeGenAIChatClient(Export);
        var options = new ChatOptions { MaxOutputTokens = NewTokens };
        var answer = await client.GetResponseAsync(Messages, options, TestContext.Current.CancellationToken);
        Assert.Equal(Expected(), answer.Text);

        var parts = new List<string>();
        await foreach (var update in client.GetStreamingResponseAsync(Messages, options, TestContext.Current.CancellationToken))
        {
            parts.Add(update.Text);
        }

        Assert.InRange(parts.Count, 2, NewTokens + 1);
        Assert.Equal(answer.Text, string.Concat(parts));
    }

    [Fact]
    public async Task Sampling_is_asked_for_as_of_any_model()
    {
        using var client = new OnnxRuntimeGenAIChatClient(Export);
        var texts = new List<string>();
        foreach (var seed in new[] { 1, 1, 2, 3, 4 })
        {
            var options = new ChatOptions { MaxOutputTokens = NewTokens, TopK = 20, Temperature = 1.5f, Seed = seed };
            var answer = await client.GetResponseAsync(Messages, options, TestContext.Current.CancellationToken);
            texts.Add(answer.Text);
        }

        Assert.Equal(texts[0], texts[1]);
        Assert.InRange(texts.Distinct().Count(), 2, 4);
        var one = new ChatOptions { MaxOutputTokens = NewTokens, TopK = 1 };
        Assert.Equal(Expected(), (await client.GetResponseAsync(Messages, one, TestContext.Current.CancellationToken)).Text);
    }

    string Expected()
    {
        var messages = new JsonArray([.. Messages.Select(m => new JsonObject { ["role"] = m.Role.Value, ["content"] = m.Text })]);
        var text = ChatTemplateFolder.Load(Export)
            .Render(System.Text.Json.JsonSerializer.SerializeToElement(messages), addGenerationPrompt: true);
        Assert.EndsWith("And \"a young cat\"?\nAssistant:", text, StringComparison.Ordinal);
        var tokenizer = ModelTokenizer.Load(Export);
        using var logits = new OnnxLogits(Path.Combine(Export, "model.onnx"));
        var made = GreedyDecoding.Continue(tokenizer.EncodeRow(text), NewTokens, tokenizer.EosIds, logits.Next)
            .TakeWhile(id => !tokenizer.EosIds.Contains(id))
            .ToList();
        // Of an answer that ends before the bound, the client of GenAI 0.18 tells the last token twice: it looks for the token that ended
        // it at the end of the sequence, where GenAI does not put it.
        return tokenizer.Decode(made.Count < NewTokens ? made.Append(made[^1]) : made);
    }
}
