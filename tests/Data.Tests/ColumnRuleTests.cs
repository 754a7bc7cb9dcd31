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

    const string System = """{"role":"system","content":"S"}""";
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
        {
            "Axolotl's, whose messages end with the chosen answer",
            $$"""{"messages":[{{User}},{{Yes}}],"chosen":{{Yes}},"rejected":[{{No}}]}""", "<user>Q<assistant>|Y|N"
        },
        {
            "whole conversations beside a system's text and a question, as in HuggingFaceH4's orca_dpo_pairs",
            $$"""{"system":"S","question":"Q","chosen":[{{System}},{{User}},{{Yes}}],"rejected":[{{System}},{{User}},{{No}}]}""",
            "<system>S<user>Q<assistant>|Y|N"
        },
        {
            "whole conversations beside messages that begin otherwise",
            $$"""{"messages":[{{System}},{{User}},{{Yes}}],"chosen":[{{User}},{{Yes}}],"rejected":[{{User}},{{No}}]}""",
            "<user>Q<assistant>|Y|N"
        },
        {
            "whole conversations beside their prompt",
            $$"""{"prompt":[{{User}}],"chosen":[{{System}},{{User}},{{Yes}}],"rejected":[{{System}},{{User}},{{No}}]}""",
            "<system>S<user>Q<assistant>|Y|N"
        },
        {
            "whole conversations beside the text of their prompt, and a system's text",
            $$"""{"system":"S","prompt":"Q","chosen":[{{User}},{{Yes}}],"rejected":[{{User}},{{No}}]}""",
            "<system>S<user>Q<assistant>|Y|N"
        },
        {
            "an instruction with a history, as LLaMA-Factory says it",
            """{"instruction":"I","input":"Q","history":[["A","B"]],"chosen":"Y","rejected":"N"}""",
            "<user>A<assistant>B<user>I\nQ<assistant>|Y|N"
        },
        {
            "content that is one part",
            $$$"""{"prompt":[{"role":"user","content":{"type":"text","text":"Q"}}],"chosen":[{{{Yes}}}],"rejected":[{{{No}}}]}""",
            "<user>Q<assistant>|Y|N"
        },
        {
            "messages as JSON in texts",
            JsonSerializer.Serialize(new { prompt = $"[{User}]", chosen = $" [ {Yes} ]", rejected = No }), "<user>Q<assistant>|Y|N"
        },
        {
            "a prompt as JSON in a text, and answers that are texts",
            JsonSerializer.Serialize(new { prompt = $"[{User}]", chosen = "Y", rejected = "N" }), "<user>Q<assistant>|Y|N"
        },
        {
            "whole conversations as JSON in texts, beside the text of their prompt",
            JsonSerializer.Serialize(new { prompt = "Q", chosen = $"[{User},{Yes}]", rejected = $"[{User},{No}]" }),
            "<user>Q<assistant>|Y|N"
        },
        {
            "answers as JSON in texts, beside the text of their prompt",
            JsonSerializer.Serialize(new { prompt = "Q", chosen = $"[{Yes}]", rejected = No }), "<user>Q<assistant>|Y|N"
        },
        {
            "an answer that is JSON of messages, for which it was asked",
            JsonSerializer.Serialize(new { prompt = "JSON?", chosen = $"[{User}]", rejected = "N" }), $"JSON?|[{User}]|N"
        },
        {
            "two answers that are JSON of messages, for which they were asked",
            JsonSerializer.Serialize(new { prompt = "JSON?", chosen = $"[{User}]", rejected = $"[{Yes}]" }), $"JSON?|[{User}]|[{Yes}]"
        },
        {
            "an answer that is a list as Python prints it, for which it was asked",
            JsonSerializer.Serialize(new { prompt = "Python?", chosen = "[{'role': 'user'}]", rejected = "N" }),
            "Python?|[{'role': 'user'}]|N"
        },
        { "messages before two texts", $$"""{"messages":[{{User}}],"chosen":"Y","rejected":"N"}""", "<user>Q<assistant>|Y|N" },
        {
            "ShareGPT's turns before two texts",
            """{"conversations":[{"from":"human","value":"Q"}],"chosen":"Y","rejected":"N"}""", "<user>Q<assistant>|Y|N"
        },
        {
            "a picture that is not there",
            $$$"""
            {"prompt":[{"role":"user","content":"Q","images":""}],"chosen":[{{{Yes}}}],"rejected":[{{{No}}}],"image":{"bytes":null}}
            """,
            "<user>Q<assistant>|Y|N"
        },
        {
            "ShareGPT's columns with a role and content",
            $$"""{"conversations":[{{User}}],"chosen":{{Yes}},"rejected":[{{No}}]}""", "<user>Q<assistant>|Y|N"
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
        { """{"instruction":"I","output":"Y","system":"S","history":[["A","B"]]}""", "<system>S<user>A<assistant>B<user>I<assistant>|Y" },
        { $$"""{"messages":[{{User}},{{Yes}}],"rejected_response":null}""", "<user>Q<assistant>|Y" },
        { $$"""{"conversations":[{{User}},{{Yes}}]}""", "<user>Q<assistant>|Y" },
        { """{"conversations":[{"role":"human","content":"Q"},{"role":"gpt","content":"Y"}]}""", "<user>Q<assistant>|Y" },
        { JsonSerializer.Serialize(new { prompt = "JSON?", completion = $"[{User}]" }), $"JSON?|[{User}]" },
        { JsonSerializer.Serialize(new { prompt = "Q", completion = $"[{Yes}]" }), "<user>Q<assistant>|Y" },
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
    [InlineData("Image", "\"cat.png\"", "something that a model of text never sees")]
    [InlineData("image_url", "\"cat.png\"", "something that a model of text never sees")]
    [InlineData("video_path", "\"cat.mp4\"", "something that a model of text never sees")]
    [InlineData("screenshots", """["a.png"]""", "something that a model of text never sees")]
    [InlineData("image", """{"path":null}""", "something that a model of text never sees")]
    [InlineData("images", """[{"path":null}]""", "something that a model of text never sees")]
    [InlineData("images", "[null]", "something that a model of text never sees")]
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
        """{"system":"S","system_prompt":"T","prompt":"Q","chosen":"Y","rejected":"N"}""",
        "'system' and 'system_prompt' say different things")]
    [InlineData(
        """
        {"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],
         "chosen":{"role":"assistant","content":"Y"},"rejected":{"role":"assistant","content":"N"}}
        """,
        "'messages' ends with an answer, and 'chosen' and 'rejected' would answer it")]
    [InlineData(
        """{"prompt":[{"role":"user","content":42}],"chosen":[{"role":"assistant","content":"Y"}],"rejected":[]}""",
        "'rejected' must hold at least one message")]
    [InlineData(
        """
        {"prompt":[{"role":"user","content":42}],"chosen":[{"role":"assistant","content":"Y"}],
         "rejected":[{"role":"assistant","content":"N"}]}
        """,
        "the content of a message is 42; expected a text, or a list of parts that are texts")]
    [InlineData(
        """
        {"prompt":[{"role":"user","content":"Q","image":"a.png"}],"chosen":[{"role":"assistant","content":"Y"}],
         "rejected":[{"role":"assistant","content":"N"}]}
        """,
        "a message holds 'image': the completions are about something that a model of text never sees")]
    [InlineData(
        """{"prompt":"Q","completions":[{"text":"Y","image":"a.png","score":1},{"text":"N","score":0}]}""",
        "'completions' 1 holds 'image': the completions are about something that a model of text never sees")]
    [InlineData(
        """{"prompt":"[{'role': 'user', 'content': 'Q'}]","chosen":"Y","rejected":"N"}""",
        "'prompt' holds a list as Python prints it, which is no JSON")]
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
    public void Rows_of_a_file_are_conversations_where_one_has_context()
    {
        var (rows, _) = Read(
            RowKind.Pair,
            """{"system":"","question":"Q","chosen":"Y","rejected":"N"}""",
            """{"system":"S","question":"Q","chosen":"Y","rejected":"N"}""",
            """{"question":"Q","chosen":"Y","rejected":"N"}""");
        Assert.Equal(
            ["<user>Q<assistant>", "<system>S<user>Q<assistant>", "<user>Q<assistant>"], rows.Select(row => row.Prompt));
        Assert.All(rows, row => Assert.Equal(["Y", "N"], row.Completions));
    }

    [Fact]
    public void Context_that_comes_after_rows_of_text_is_refused()
    {
        var e = Assert.Throws<InvalidDataException>(() => Read(
            RowKind.Pair,
            """{"prompt":"Q","chosen":"Y","rejected":"N"}""",
            """{"prompt":"Q","chosen":"Y","rejected":"N","system":"S"}"""));
        Assert.Equal(
            $"{folder.File("data.jsonl")} line 2: 'system' makes the row a conversation, and {folder.File("data.jsonl")} line 1, which has "
            + "no such column, was read as text. Give each row a 'system', an empty one where nothing comes before the prompt, or split "
            + "the file.",
            e.Message);
    }

    [Theory]
    [InlineData("chat_template_kwargs", "map", "which is not read")]
    [InlineData("history", "map", "which is not read")]
    [InlineData("image", "bytes", "something that a model of text never sees")]
    [InlineData("images/list/element", "bytes", "something that a model of text never sees")]
    public void A_column_of_a_type_that_is_not_read_is_refused_where_it_would_change_the_meaning(string name, string type, string reason)
    {
        var e = Assert.Throws<NotSupportedException>(
            () => new ColumnChoice().PassOver("a.parquet", new UnreadColumn(name, type), "Rewrite it."));
        Assert.StartsWith($"a.parquet: column '{name}' has the type {type}", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_beside_messages_is_no_table()
    {
        var (rows, columns) = Read(RowKind.Supervised, $$"""{"messages":[{{User}},{{Yes}}],"tags":["x","y"]}""");
        Assert.Equal("Y", Assert.Single(rows).Completions[0]);
        Assert.Equal("tags", Assert.Single(columns).Name);
    }

    [Fact]
    public void Supervised_training_names_the_columns_of_pairs_that_it_does_not_use()
    {
        var (rows, columns) = Read(
            RowKind.Supervised,
            $$"""{"prompt":"P","messages":[{{User}},{{Yes}}],"chosen":[{{User}},{{Yes}}],"rejected":[{{User}},{{No}}]}""");
        Assert.Equal("<user>Q<assistant>|Y", $"{Assert.Single(rows).Prompt}|{rows[0].Completions[0]}");
        Assert.Equal(["prompt", "chosen", "rejected"], columns.Select(column => column.Name));
    }

    [Fact]
    public void Ranks_beside_scores_and_what_stands_beside_a_services_messages_are_told_of()
    {
        Assert.Equal(
            ["ranks"],
            Read(RowKind.Pair, """{"prompt":"Q","responses":["Y","N"],"scores":[2,1],"ranks":[1,2]}""").Columns.Select(c => c.Name));
        Assert.Equal(
            ["input/parallel_tool_calls"],
            Read(
                RowKind.Pair,
                $$"""
                {"input":{"messages":[{{User}}],"parallel_tool_calls":true},"preferred_output":[{{Yes}}],"non_preferred_output":[{{No}}]}
                """).Columns.Select(c => c.Name));
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
