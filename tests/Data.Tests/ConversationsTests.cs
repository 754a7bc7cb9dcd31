using OrtDpo.Batches;
using OrtDpo.ChatTemplates.Tests;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests;

/// <summary>Rows of messages become prompts and completions by the chat template.</summary>
public sealed class ConversationsTests : IDisposable
{
    const string ChatMl =
        "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<eos>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|assistant|>\n{% endif %}";
    const string User = """{"role": "user", "content": "Hi"}""";
    const string Prompt = "<|user|>\nHi<eos>\n<|assistant|>\n";

    static readonly EndTokens Eos = new([], ["<eos>"]);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // The line end behind the turn's last token is left out: the model stops at the token.
    [Theory]
    [InlineData($$"""{"prompt": [{{User}}], "chosen": [{"role": "assistant", "content": "Yes"}],"""
        + """ "rejected": [{"role": "assistant", "content": "No"}]}""")]
    [InlineData($$"""{"prompt": [{{User}}], "chosen": {"role": "assistant", "content": "Yes"},"""
        + """ "rejected": {"role": "assistant", "content": "No"} }""")]
    [InlineData($$"""{"chosen": [{{User}}, {"role": "assistant", "content": "Yes"}],"""
        + $$""" "rejected": [{{User}}, {"role": "assistant", "content": "No"}]}""")]
    [InlineData($$"""{"prompt": "Hi", "chosen": [{{User}}, {"role": "assistant", "content": "Yes"}],"""
        + $$""" "rejected": [{{User}}, {"role": "assistant", "content": "No"}]}""")]
    [InlineData("""{"prompt": "Hi", "chosen": [{"role": "assistant", "content": "Yes"}],"""
        + """ "rejected": [{"role": "assistant", "content": "No"}]}""")]
    public void Whatever_way_a_pair_is_written_the_texts_are_the_templates(string row)
    {
        var pair = Assert.Single(Pairs(row));
        Assert.Equal((Prompt, "Yes<eos>", "No<eos>"), (pair.Prompt, pair.Chosen, pair.Rejected));
        Assert.Null(pair.Unusable);
    }

    [Fact]
    public void Several_turns_of_an_answer_stay_together()
    {
        var pair = Assert.Single(Pairs(
            $$"""{"prompt": [{{User}}], "chosen": [{"role": "assistant", "content": "A"}, {"role": "user", "content": "?"},"""
            + """ {"role": "assistant", "content": "B"}], "rejected": [{"role": "assistant", "content": "C"}]}"""));
        Assert.Equal("A<eos>\n<|user|>\n?<eos>\n<|assistant|>\nB<eos>", pair.Chosen);
    }

    [Theory]
    [InlineData(RowKind.Unpaired, $$"""{"prompt": [{{User}}], "completion": [{"role": "assistant", "content": "Yes"}], "label": true}""")]
    [InlineData(RowKind.Supervised, $$"""{"prompt": [{{User}}], "completion": [{"role": "assistant", "content": "Yes"}]}""")]
    [InlineData(RowKind.Unpaired, $$"""{"messages": [{{User}}, {"role": "assistant", "content": "Yes"}], "label": true}""")]
    [InlineData(RowKind.Supervised, """{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes"}]}""")]
    [InlineData(RowKind.Supervised, $$"""{"messages": [{{User}}, {"role": "assistant", "content": "Yes"}]}""")]
    // As in UltraFeedback, which is a set of pairs to everybody else.
    [InlineData(
        RowKind.Supervised,
        $$"""{"prompt": "Hi", "chosen": [], "rejected": [], "messages": [{{User}}, {"role": "assistant", "content": "Yes"}]}""")]
    public void Single_completions_are_written_the_same_way(RowKind kind, string row)
    {
        var path = folder.Write("data.jsonl", row);
        var text = Assert.Single(RowFile.Read(DataSource.FromPaths([path])[0], kind, Of(ChatMl)));
        Assert.Equal((Prompt, "Yes<eos>", kind == RowKind.Unpaired ? true : null), (text.Prompt, text.Chosen, text.Desirable));
    }

    [Fact]
    public void Members_that_are_null_are_left_out_but_for_the_content()
    {
        const string Calls = "{% for m in messages %}{% if m.tool_calls is defined %}{{ m.tool_calls | tojson }} {% endif %}"
            + "{% if m.content is none %}none{% else %}{{ m.content }}{% endif %}<eos>{% endfor %}";
        const string Question = """{"role": "user", "content": "Hi", "tool_calls": null}""";
        const string Call = """{"role": "assistant", "content": null, "tool_calls": [{"a": null, "b": [null, 1]}]}""";
        const string Nothing = """{"role": "assistant", "content": "", "tool_calls": null}""";

        var pair = Assert.Single(Pairs($$"""{"prompt": [{{Question}}], "chosen": [{{Call}}], "rejected": [{{Nothing}}]}""", Calls));

        Assert.Equal(("Hi<eos>", """[{"b": [null, 1]}] none<eos>"""), (pair.Prompt, pair.Chosen));
        Assert.Equal(DropReason.EmptyRejected, pair.Unusable);
    }

    [Theory]
    [InlineData("", "ok", DropReason.EmptyChosen)]
    [InlineData("ok", " ", DropReason.EmptyRejected)]
    public void An_answer_that_says_nothing_is_dropped_whatever_the_template_writes_around_it(
        string chosen, string rejected, DropReason reason) =>
        Assert.Equal(reason, Assert.Single(Pairs(Pair(chosen, rejected))).Unusable);

    [Fact]
    public void A_row_whose_prompt_the_template_writes_otherwise_when_an_answer_follows_is_dropped_and_where_it_differs_is_said()
    {
        const string Thinking =
            "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant><think>{% endif %}";
        var row = Assert.Single(Pairs(Pair("Yes", "No"), Thinking));
        Assert.Equal(DropReason.PromptRewritten, row.Unusable);
        Assert.Equal(
            "the chat template writes the prompt otherwise when an answer follows: "
            + "from character 20 on the prompt reads \"<think>\" and the conversation \"Yes\". "
            + "A switch of the template, or another template, may keep the prompt.",
            row.Refusal);
    }

    [Theory]
    [InlineData("""{"prompt": [], "chosen": [], "rejected": []}""",
        "'chosen' must hold at least one message, each an object with the string 'role'.")]
    [InlineData("""{"chosen": [{"role": "user"}], "rejected": "No"}""",
        "'rejected' is String; expected a list of messages, as in the row's other columns.")]
    [InlineData("""{"chosen": [{"role": "user"}]}""", "'rejected' is missing; expected a list of messages, as in the row's other columns.")]
    [InlineData("""{"chosen": [{"content": "x"}], "rejected": [{"role": 1}]}""",
        "'chosen' must hold at least one message, each an object with the string 'role'.")]
    [InlineData("""{"chosen": [{"role": "assistant", "content": "x"}], "rejected": [{"role": "assistant", "content": "y"}]}""",
        "the conversations begin with different messages, and there is no 'prompt'. "
        + "Give the messages before the completions as 'prompt', or let both conversations begin with them.")]
    public void A_row_that_is_no_pair_of_conversations_is_named(string row, string what)
    {
        var error = Assert.Throws<InvalidDataException>(() => Pairs(row));
        Assert.Equal($"{folder.File("data.jsonl")} line 1: {what}", error.Message);
    }

    const string NoShouting =
        "{% for m in messages %}{% if m.content == 'YES' %}{{ raise_exception('No shouting.') }}{% endif %}{{ m.content }}{% endfor %}";

    [Fact]
    public void A_row_that_the_template_refuses_is_dropped_and_the_ledger_has_what_the_template_says()
    {
        var path = folder.Write("data.jsonl", Pair("YES", "No") + "\n" + Pair("Yes", "No") + "\n" + Pair("No", "YES"));
        var ledger = Prepare(path, NoShouting).Ledger;
        Assert.Equal((3, 1, 2), (ledger.Input, ledger.KeptWhole, ledger.Dropped));
        Assert.Equal(["data.jsonl:1", "data.jsonl:3"], ledger.DroppedRows[DropReason.TemplateRefused]);
        const string Said = "chat_template.jinja line 1 column 69: the template refuses the messages (\"No shouting.\").";
        Assert.Equal([new RefusedRow("data.jsonl:1", Said), new RefusedRow("data.jsonl:3", Said)], ledger.Refusals);
        Assert.Contains($"  data.jsonl:1: {Said}", LedgerText.Lines(ledger));
    }

    [Fact]
    public void What_the_template_says_is_in_the_message_where_no_row_is_left()
    {
        var error = Assert.Throws<InvalidDataException>(() => Prepare(folder.Write("data.jsonl", Pair("YES", "No")), NoShouting));
        Assert.Equal(
            "No row of the data can be used. 1 row: 0 kept whole, 0 kept truncated, 1 dropped. dropped, template_refused: 1 (data.jsonl:1) "
            + "data.jsonl:1: chat_template.jinja line 1 column 69: the template refuses the messages (\"No shouting.\").",
            error.Message);
    }

    [Fact]
    public void Messages_that_lack_what_the_template_asks_for_are_named_and_nothing_goes_on()
    {
        var error = Assert.Throws<InvalidDataException>(() => Pairs(Pair("Yes", "No"), "{{ messages[0].name.upper() }}"));
        Assert.StartsWith(
            $"{folder.File("data.jsonl")} line 1: chat_template.jinja line 1 column ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_rows_of_messages_ask_for_the_template()
    {
        var none = new Conversations(() => throw new FileNotFoundException("no template"), EndTokens.Of(null), date: null);
        var text = folder.Write("text.jsonl", """{"prompt": "p", "chosen": "c", "rejected": "r"}""");
        Assert.Single(PairFile.Read(text, "text.jsonl", conversations: none));
        Assert.Null(none.TemplateDigest);
        var messages = folder.Write("messages.jsonl", Pair("Yes", "No"));
        Assert.Equal(
            "no template",
            Assert.Throws<FileNotFoundException>(() => PairFile.Read(messages, "messages.jsonl", conversations: none).ToList()).Message);
        var conversations = Of(ChatMl);
        Assert.Single(PairFile.Read(messages, "messages.jsonl", conversations: conversations));
        Assert.Equal(Snippets.Template(ChatMl).Digest, conversations.TemplateDigest);
    }

    [Fact]
    public void A_date_in_vain_is_an_error()
    {
        var path = folder.Write("data.jsonl", Pair("Yes", "No"));
        var conversations = new Conversations(() => Snippets.Template(ChatMl), Eos, TemplateGolden.Date);
        var encoder = new ExampleEncoder(WordTokenizer.Continue, WordTokenizer.Continue, eosId: null, maxLength: 200)
        {
            Conversations = conversations,
        };
        var error = Assert.Throws<InvalidDataException>(() => ExamplePreparation.Prepare(
            RowKind.Pair, new DataSettings { Files = DataSource.FromPaths([path]) }, encoder, Shard.Whole));
        Assert.Equal("`TemplateDate` has no effect: the chat template does not write today's date. Leave it out.", error.Message);
    }

    // Llama 2's template writes both tokens, and its tokenizer adds the first;
    // Zephyr's template writes no first token on the same tokenizer.
    [Theory]
    [InlineData("llama2:7b", "tokenizers/llama2")]
    [InlineData("tinyllama:1.1b", "tokenizers/llama2")]
    public void Beginning_and_end_of_sequence_stand_there_once(string model, string tokenizerFolder)
    {
        var tokenizer = ModelTokenizer.Load(SharedData.Folder(tokenizerFolder));
        var template = TemplateGolden.Load(model);
        var encoder = new ExampleEncoder(tokenizer.EncodeRow, tokenizer.EncodeContinuation, tokenizer.EosId, maxLength: 200);
        var conversations = new Conversations(() => template, tokenizer.Ends, date: null);
        var path = folder.Write("data.jsonl", Pair("Yes", "No"));
        var tokens = encoder.Encode(Assert.Single(PairFile.Read(path, "data.jsonl", conversations: conversations))).Tokens!;
        Assert.Equal(tokenizer.BosId, tokens.Prompt[0]);
        Assert.Single(tokens.Prompt, id => id == tokenizer.BosId);
        Assert.Equal(tokenizer.EosId, tokens.Chosen[^1]);
        Assert.Single(tokens.Chosen, id => id == tokenizer.EosId);
        Assert.Single(tokens.Rejected, id => id == tokenizer.EosId);
    }

    static string Pair(string chosen, string rejected) =>
        $$"""{"prompt": [{{User}}], "chosen": [{"role": "assistant", "content": "{{chosen}}"}],"""
        + $$""" "rejected": [{"role": "assistant", "content": "{{rejected}}"}]}""";

    static PreparedData Prepare(string path, string template) => ExamplePreparation.Prepare(
        RowKind.Pair,
        new DataSettings { Files = DataSource.FromPaths([path]) },
        new ExampleEncoder(WordTokenizer.Continue, WordTokenizer.Continue, eosId: null, maxLength: 200) { Conversations = Of(template) },
        Shard.Whole);

    static Conversations Of(string template) => new(() => Snippets.Template(template), Eos, date: null);

    List<ExampleText> Pairs(string rows, string template = ChatMl) =>
        [.. PairFile.Read(folder.Write("data.jsonl", rows), "data.jsonl", conversations: Of(template))];
}
