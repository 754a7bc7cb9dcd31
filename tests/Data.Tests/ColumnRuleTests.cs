using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.ChatTemplates.Tests;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests;

/// <summary>A column that changes what a row means is read, or its row is refused by it; any other is told of once.</summary>
public sealed class ColumnRuleTests : IDisposable
{
    // As Qwen3's: without thinking an answer begins with an empty thought.
    const string Template = "{% set thought = '<think></think>' if enable_thinking is defined and not enable_thinking else '' %}"
        + "{% for m in messages %}<{{ m.role }}>{{ thought if m.role == 'assistant' and loop.last }}{{ m.content }}{% endfor %}"
        + "{% if add_generation_prompt %}<assistant>{{ thought }}{% endif %}";

    const string ChatMl = "<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\n";

    const string User = """{"role":"user","content":"Q"}""";
    const string Yes = """{"role":"assistant","content":"Y"}""";
    const string No = """{"role":"assistant","content":"N"}""";

    readonly TemporaryFolder folder = new();

    public static TheoryData<string, string, string> Pairs => new()
    {
        { "a question", """{"question":"Q","chosen":"Y","rejected":"N"}""", "Q|Y|N" },
        { "Intel's", """{"system":"S","question":"Q","chosen":"Y","rejected":"N"}""", "<system>S<user>Q<assistant>|Y|N" },
        { "Intel's without a system's text", """{"system":"","question":"Q","chosen":"Y","rejected":"N"}""", "Q|Y|N" },
        { "a system prompt", """{"system_prompt":"S","prompt":"Q","chosen":"Y","rejected":"N"}""", "<system>S<user>Q<assistant>|Y|N" },
        {
            "a history",
            """{"history":[["A","B"]],"prompt":"Q","chosen":"Y","rejected":"N"}""", "<user>A<assistant>B<user>Q<assistant>|Y|N"
        },
        {
            "a system's text beside whole conversations",
            $$"""{"system":"S","chosen":[{{User}},{{Yes}}],"rejected":[{{User}},{{No}}]}""", "<system>S<user>Q<assistant>|Y|N"
        },
        {
            "a system's text that the messages begin with themselves",
            $$"""{"system":"S","prompt":[{"role":"system","content":"T"},{{User}}],"chosen":[{{Yes}}],"rejected":[{{No}}]}""",
            "<system>T<user>Q<assistant>|Y|N"
        },
        { "Axolotl's", $$"""{"messages":[{{User}}],"chosen":{{Yes}},"rejected":{{No}}}""", "<user>Q<assistant>|Y|N" },
        { "Axolotl's as lists", $$"""{"messages":[{{User}}],"chosen":[{{Yes}}],"rejected":[{{No}}]}""", "<user>Q<assistant>|Y|N" },
        {
            "UltraFeedback's, whose messages repeat the chosen conversation",
            $$"""{"messages":[{{User}},{{Yes}}],"chosen":[{{User}},{{Yes}}],"rejected":[{{User}},{{No}}]}""", "<user>Q<assistant>|Y|N"
        },
        { "a conversation", $$"""{"conversation":[{{User}}],"chosen":[{{Yes}}],"rejected":[{{No}}]}""", "<user>Q<assistant>|Y|N" },
        { "ms-swift's", $$"""{"messages":[{{User}},{{Yes}}],"rejected_response":"N"}""", "<user>Q<assistant>|Y|N" },
        {
            "ms-swift's with whole conversations",
            $$"""{"messages":[{{User}},{{Yes}}],"rejected_messages":[{{User}},{{No}}]}""", "<user>Q<assistant>|Y|N"
        },
        {
            "a hosted service's",
            $$"""
            {"input":{"messages":[{{User}}],"parallel_tool_calls":true},"preferred_output":[{{Yes}}],"non_preferred_output":[{{No}}]}
            """,
            "<user>Q<assistant>|Y|N"
        },
        {
            "switches of the template",
            $$$"""{"prompt":[{{{User}}}],"chosen":[{{{Yes}}}],"rejected":[{{{No}}}],"chat_template_kwargs":{"enable_thinking":false}}""",
            "<user>Q<assistant><think></think>|Y|N"
        },
        {
            "a dialogue of another template",
            """{"chosen":"[INST] Q [/INST] Y","rejected":"[INST] Q [/INST] N"}""", "[INST] Q [/INST]| Y| N"
        },
        {
            "a dialogue as ChatML",
            JsonSerializer.Serialize(new { chosen = ChatMl + "Y", rejected = ChatMl + "N" }),
            ChatMl + "|Y|N"
        },
    };

    public static TheoryData<string, string> Singles => new()
    {
        { """{"question":"Q","answer":"Y"}""", "Q|Y" },
        { """{"query":"Q","response":"Y"}""", "Q|Y" },
        { """{"prompt":"Q","response":"Y"}""", "Q|Y" },
        { """{"prompt":"Q","completion":"Y","system":"S"}""", "<system>S<user>Q<assistant>|Y" },
        { $$"""{"messages":[{{User}},{{Yes}}],"system":"S"}""", "<system>S<user>Q<assistant>|Y" },
        { """{"instruction":"I","output":"Y","system":"S","history":[["A","B"]]}""", "<system>S<user>A<assistant>B<user>" },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Published_forms_of_pairs_are_read_unedited(string form, string row, string expected)
    {
        var text = Assert.Single(Read(RowKind.Pair, row).Rows);
        Assert.True(text.Unusable is null, $"{form}: {text.Refusal}");
        Assert.Equal(expected, string.Join('|', [text.Prompt, .. text.Completions]));
    }

    [Theory]
    [MemberData(nameof(Singles))]
    public void So_are_rows_of_one_completion(string row, string expected)
    {
        var text = Assert.Single(Read(RowKind.Supervised, row).Rows);
        Assert.StartsWith(expected, string.Join('|', [text.Prompt, .. text.Completions]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("images", """["cat.png"]""", "something that a model of text never sees")]
    [InlineData("image", "\"cat.png\"", "something that a model of text never sees")]
    [InlineData("audio", """{"path":"a.wav"}""", "something that a model of text never sees")]
    [InlineData("tools", """[{"type":"function"}]""", "functions are offered by a chat template")]
    [InlineData("rejected_2", "\"N\"", "it is a further completion")]
    [InlineData("rejected_responses", """["N"]""", "it is a further completion")]
    public void A_column_that_changes_the_meaning_is_refused_by_its_name(string column, string value, string advice)
    {
        var row = $$"""{"prompt":"Q","chosen":"Y","rejected":"N","{{column}}":{{value}}}""";
        var e = Assert.Throws<InvalidDataException>(() => Read(RowKind.Pair, row));
        Assert.StartsWith(
            folder.File("data.jsonl") + $" line 1: column '{column}' changes what the row means", e.Message, StringComparison.Ordinal);
        Assert.Contains(advice, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("images", "[]")]
    [InlineData("tools", "[]")]
    [InlineData("rejected_2", "null")]
    public void An_empty_one_changes_nothing(string column, string value)
    {
        var row = $$"""{"prompt":"Q","chosen":"Y","rejected":"N","{{column}}":{{value}}}""";
        Assert.Null(Assert.Single(Read(RowKind.Pair, row).Rows).Unusable);
    }

    [Fact]
    public void Any_other_column_is_told_of_once_with_its_type_and_an_example()
    {
        string Row(int i) => JsonSerializer.Serialize(new
        {
            prompt = "Q", chosen = "Y", rejected = "N",
            source = $"set {i}", margin = 0.5 + i, meta = new { i }, ok = true, none = (string?)null,
        });
        var (_, columns) = Read(RowKind.Pair, Row(1), Row(2));
        Assert.Equal(
            ["source text \"set 1\"", "margin number 1.5", """meta object {"i":1}""", "ok truth value true"],
            columns.Select(column => $"{column.Name} {column.Type} {column.Example}"));
    }

    [Theory]
    [InlineData(
        """{"chosen":"The sky is blue.","rejected":"The sky is green."}""",
        "There is no other column of text: add the prompt as 'prompt'.")]
    [InlineData(
        """{"ask":"Q","tag":"t","chosen":"The Y","rejected":"The N"}""",
        "Its other columns of text are 'ask', 'tag'; name the prompt's, as in `Columns` prompt=ask.")]
    public void What_two_plain_texts_share_is_no_prompt(string row, string advice)
    {
        var e = Assert.Throws<InvalidDataException>(() => Read(RowKind.Pair, row));
        Assert.EndsWith(
            "'chosen' and 'rejected' are texts, and nothing says what their prompt is. " + advice, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"system":"S","chosen":"\n\nHuman: Q\n\nAssistant: Y","rejected":"\n\nHuman: Q\n\nAssistant: N"}""",
        "'system' comes before a prompt, and the row has none")]
    [InlineData("""{"history":[["A"]],"prompt":"Q","chosen":"Y","rejected":"N"}""", "expected lists of two texts")]
    [InlineData(
        """{"messages":[{"role":"user","content":"Q"}],"rejected_response":"N"}""",
        "expected at least two, of which the last is the answer")]
    public void Context_that_has_no_place_is_refused(string row, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(RowKind.Pair, row)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"messages":[]}""", "sets 'messages', which the messages and the tokenizer decide")]
    [InlineData("[1]", "is Array; expected Object")]
    [InlineData("\"{\"", "is a text that is no JSON")]
    public void Switches_that_are_none_are_refused(string switches, string message)
    {
        var row = $$"""{"prompt":[{{User}}],"chosen":[{{Yes}}],"rejected":[{{No}}],"chat_template_kwargs":{{switches}}}""";
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(RowKind.Pair, row)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Switches_for_all_rows_yield_to_those_of_a_row()
    {
        var variables = TemplateVariables.Parse("""{"enable_thinking":false,"depth":2}""");
        using var row = JsonDocument.Parse("""{"chat_template_kwargs":{"enable_thinking":true,"depth":null}}""");
        var merged = TemplateVariables.Of(new JsonRow(1, "here", row.RootElement), variables);
        Assert.Equal("""{"depth":2,"enable_thinking":true}""", TemplateVariables.Text(merged));
        Assert.Throws<ArgumentException>(() => TemplateVariables.Parse("[]"));
        Assert.Throws<ArgumentException>(() => TemplateVariables.Parse("{"));
        Assert.Throws<ArgumentException>(() => TemplateVariables.Parse("""{"messages":1}"""));
    }

    [Fact]
    public void Context_without_a_chat_template_is_refused_by_the_column_that_asks_for_one()
    {
        var path = folder.Write("data.jsonl", """{"system":"S","question":"Q","chosen":"Y","rejected":"N"}""");
        var conversations = new Conversations(() => ChatTemplateFolder.Load(folder.Path), new EndTokens([], []), date: null);
        var e = Assert.Throws<InvalidDataException>(() => PairFile.Read(path, "data.jsonl", conversations: conversations).ToList());
        Assert.StartsWith(
            $"{path} line 1: 'system' makes the row a conversation, which the model's chat template writes. '{folder.Path}' has no ",
            e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LLaMA_Factory_s_label_is_one()
    {
        Holds(false, """{"conversations":[{"from":"human","value":"Q"},{"from":"gpt","value":"Y"}],"kto_tag":false}""");
        Holds(true, """{"prompt":"Q","completion":"Y","kto_tag":true}""");

        void Holds(bool label, string row) =>
            Assert.Equal(new Judgement.Label(label), Assert.Single(Read(RowKind.Unpaired, row).Rows).Known);
    }

    (List<ExampleText> Rows, List<UnreadColumn> Columns) Read(RowKind kind, params string[] rows)
    {
        var source = DataSource.FromPaths([folder.Write("data.jsonl", string.Join('\n', rows))])[0];
        var columns = new List<UnreadColumn>();
        var conversations = new Conversations(() => Snippets.Template(Template), new EndTokens([], []), date: null);
        return ([.. RowFile.Read(source, kind, conversations, passedOver: columns.Add)], columns);
    }
}
