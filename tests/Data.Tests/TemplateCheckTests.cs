using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.ChatTemplates;
using OrtDpo.ChatTemplates.Tests;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests;

/// <summary>What a chat template does to messages is looked at: it says nothing of what it leaves out.</summary>
public sealed class TemplateCheckTests : IDisposable
{
    const string Plain =
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

    // As DeepSeek-R1-Distill's first one.
    const string CutsThoughts = "{% for m in messages %}<{{ m.role }}>{{ m.content.split('</think>')[-1] }}{% endfor %}"
        + "{% if add_generation_prompt %}<assistant>{% endif %}";

    const string WithoutSystem = "{% for m in messages %}{% if m.role != 'system' %}<{{ m.role }}>{{ m.content }}{% endif %}{% endfor %}"
        + "{% if add_generation_prompt %}<assistant>{% endif %}";

    const string TakesParts = "{% for m in messages %}<{{ m.role }}>{% if m.content is string %}{{ m.content }}{% else %}"
        + "{% for part in m.content %}{{ part.text }}{% endfor %}{% endif %}{% endfor %}"
        + "{% if add_generation_prompt %}<assistant>{% endif %}";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Whole_texts_lose_nothing()
    {
        Assert.Empty(Read(Plain, [Says("user", "Hi"), Says("system", " S \n")], [Says("assistant", "Yes")]).Losses);
        var trims = Plain.Replace("m.content", "m.content | trim", StringComparison.Ordinal);
        Assert.Empty(Read(trims, [Says("user", "  Hi  ")], [Says("assistant", "Yes \n")]).Losses);
    }

    [Fact]
    public void Thoughts_that_a_template_cuts_are_told_of_with_their_share()
    {
        var row = Read(CutsThoughts, [Says("user", "Hi")], [Says("assistant", "<think>12345</think>The answer is four.")]);
        Assert.Equal([new TemplateLoss(TemplateLossKind.CompletionTextLost, 19, 39)], row.Losses);
        Assert.Null(row.Unusable);
    }

    [Fact]
    public void A_completion_of_which_nothing_is_left_is_dropped()
    {
        var row = Read(CutsThoughts, [Says("user", "Hi")], [Says("assistant", "<think>A long thought that has no end in sight.</think>4")]);
        Assert.Equal(DropReason.CompletionLost, row.Unusable);
        Assert.Equal(
            "the chat template leaves next to nothing of the 56 characters of a completion's messages; a switch of the template, or "
            + "another template, may keep them.", row.Refusal);
    }

    [Fact]
    public void Roles_that_vanish_and_reasoning_that_is_not_written_are_told_of()
    {
        Assert.Equal(
            [new TemplateLoss(TemplateLossKind.PromptTextLost, 2, 11)],
            Read(WithoutSystem, [Says("system", "Be brief."), Says("user", "Hi")], [Says("assistant", "Yes")]).Losses);
        var thinks = new { role = "assistant", content = "Four.", reasoning_content = "Two and two." };
        var loss = Assert.Single(Read(Plain, [Says("user", "Hi")], [thinks]).Losses);
        Assert.Equal((TemplateLossKind.ReasoningLost, 12), (loss.Kind, loss.Of));
    }

    [Fact]
    public void A_user_s_turns_in_a_completion_are_told_of_since_they_are_scored() =>
        Assert.Equal(
            [new TemplateLoss(TemplateLossKind.UserTurnsScored, 9, 14)],
            Read(Plain, [Says("user", "Hi")], [Says("assistant", "Hello"), Says("user", "A jok"), Says("assistant", "Nope")]).Losses);

    [Fact]
    public void Parts_of_text_are_joined_for_a_template_that_expects_text_and_left_to_one_that_takes_parts()
    {
        var parts = new { role = "user", content = new[] { new { type = "text", text = "Say " }, new { type = "text", text = "hi" } } };
        foreach (var template in (string[])[Plain, TakesParts, CutsThoughts])
        {
            var row = Read(template, [parts], [new { role = "assistant", content = new[] { new { type = "text", text = "Hi" } } }]);
            Assert.Equal(("<user>Say hi<assistant>", "Hi"), (row.Prompt, row.Completions[0]));
            Assert.Empty(row.Losses);
        }

        var image = new { role = "user", content = new[] { new { type = "image", image = "cat.png" } } };
        var e = Assert.Throws<InvalidDataException>(() => Read(Plain, [image], [Says("assistant", "Hi")]));
        Assert.Contains("holds a part of the type 'image', and only parts that are texts are read", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_of_tool_calls_that_are_json_in_a_text_are_given_as_an_object()
    {
        const string Calls = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% for c in m.tool_calls or [] %}"
            + "{{ c.function.name }} {{ c.function.arguments | tojson }}{% endfor %}{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}";
        object Call(object arguments) => new
        {
            role = "assistant", content = "", tool_calls = new[] { new { type = "function", function = new { name = "f", arguments } } },
        };
        Assert.Equal("f {\"city\": \"Rome\"}", Read(Calls, [Says("user", "Hi")], [Call("{\"city\":\"Rome\"}")]).Completions[0]);
        Assert.Equal("f {\"city\": \"Rome\"}", Read(Calls, [Says("user", "Hi")], [Call(new { city = "Rome" })]).Completions[0]);
        Assert.Equal("f \"plain text\"", Read(Calls, [Says("user", "Hi")], [Call("plain text")]).Completions[0]);
    }

    [Fact]
    public void Functions_that_a_template_does_not_write_are_told_of_and_a_call_of_which_nothing_is_left_is_dropped()
    {
        object Call(string content) => new
        {
            role = "assistant", content,
            tool_calls = new[] { new { type = "function", function = new { name = "look_up", arguments = new { } } } },
        };
        Assert.Equal(
            [new TemplateLoss(TemplateLossKind.PromptCallsLost, 0, 1)],
            Read(Plain, [Says("user", "Hi"), Call(""), Says("tool", "Sun")], [Says("assistant", "Sunny")]).Losses);
        Assert.Equal(
            [new TemplateLoss(TemplateLossKind.CompletionCallsLost, 0, 1)],
            Read(Plain, [Says("user", "Hi")], [Call("One moment.")]).Losses);
        var lost = Read(Plain, [Says("user", "Hi")], [Call("")]);
        Assert.Equal(DropReason.CompletionLost, lost.Unusable);
        Assert.Equal("the chat template does not write the calls of functions that a completion's message is.", lost.Refusal);

        object[] tools = [new { type = "function", function = new { name = "look_up" } }, new { name = "dig" }];
        Assert.Equal(
            [new TemplateLoss(TemplateLossKind.ToolsLost, 1, 2)],
            Read(Plain, [Says("user", "Please dig.")], [Says("assistant", "Yes")], new { tools }).Losses);
    }

    [Fact]
    public void Switches_that_the_template_does_not_ask_for_are_told_of_by_row_and_refused_for_all()
    {
        var row = new { chat_template_kwargs = new { enable_thinkng = false, messages_shown = 1 } };
        const string Asks = "{# messages_shown #}" + Plain;
        Assert.Equal(
            [new TemplateLoss(TemplateLossKind.SwitchIgnored, 1, 2)],
            Read(Asks, [Says("user", "Hi")], [Says("assistant", "Yes")], row).Losses);

        var path = folder.Write("data.jsonl", JsonSerializer.Serialize(
            new { prompt = new[] { Says("user", "Hi") }, completion = new[] { Says("assistant", "Yes") } }));
        var data = new DataSettings { Files = DataSource.FromPaths([path]) };
        var encoder = new ExampleEncoder(Letters, Letters, eosId: 1, maxLength: 90)
        {
            Conversations = new Conversations(() => Snippets.Template(Plain), new EndTokens([], []), date: null).With(
                TemplateVariables.Parse("""{"enable_thinkng":false}""")),
        };
        var e = Assert.Throws<InvalidDataException>(
            () => ExamplePreparation.Prepare(RowKind.Supervised, data, encoder, Shard.Whole));
        Assert.StartsWith(
            "`ChatTemplateKwargs` sets 'enable_thinkng', which the chat template does not ask for.", e.Message, StringComparison.Ordinal);

        static int[] Letters(string text) => [.. text.Select(c => (int)c)];
    }

    [Theory]
    [InlineData("\n\nHuman: Hi\n\nAssistant:", " Yes\n\nHuman: So?\n\nAssistant: No", 12)]
    [InlineData("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", "Yes<|im_end|>\n<|im_start|>user\nSo?<|im_end|>\n", 31)]
    [InlineData("\n\nHuman: Hi\n\nAssistant:", " Yes", 0)]
    [InlineData("What does Human: mean?", " \n\nHuman: is a mark.", 0)]
    public void Turns_of_a_user_in_a_dialogue_s_completion_are_told_of(string prompt, string completion, int users)
    {
        var losses = Transcript.UserTurns(prompt, completion, " No");
        Assert.Equal(
            users == 0 ? [] : [new TemplateLoss(TemplateLossKind.UserTurnsScored, completion.Length - users, completion.Length)], losses);
    }

    // A template that writes the system's text in a later turn, and one that writes all of the system's first, as DeepSeek's.
    [Theory]
    [InlineData("{% for m in messages %}{% if m.role != 'system' %}<{{ m.role }}>{% if m.content == 'Why?' %}{{ messages[0].content }} "
        + "{% endif %}{{ m.content }}{% endif %}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}", 0)]
    [InlineData("{% for m in messages if m.role == 'system' %}{{ m.content }}{% endfor %}{% for m in messages if m.role != 'system' %}"
        + "<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}", 2)]
    public void A_system_s_message_that_the_template_moves_is_told_of(string template, int place)
    {
        var turns = new List<object> { Says("user", "Hi"), Says("assistant", "Hello"), Says("user", "Why?") };
        turns.Insert(place, Says("system", "Be brief."));
        Assert.Equal(
            [new TemplateLoss(TemplateLossKind.MessagesReordered, 20, 20)],
            Read(template, [.. turns], [Says("assistant", "So.")]).Losses);
        Assert.Empty(Read(Plain, [.. turns], [Says("assistant", "So.")]).Losses);
    }

    [Fact]
    public void Turns_of_a_completion_that_the_template_moves_are_told_of()
    {
        const string Backwards = "{{ messages[0].content }}{% for m in (messages[1:] | reverse) %}<{{ m.role }}>{{ m.content }}{% endfor %}"
            + "{% if add_generation_prompt %}{% endif %}";
        var row = Read(Backwards, [Says("user", "Hi")], [Says("assistant", "One"), Says("assistant", "Two"), Says("assistant", "Three")]);
        Assert.Equal([new TemplateLoss(TemplateLossKind.MessagesReordered, 11, 11)], row.Losses);
    }

    // Between | the texts in the list's order, then what is written.
    [Theory]
    [InlineData("a|b|c", "a b c", false)]
    [InlineData("a|b|c", "b a c", true)]
    [InlineData("a|b|c", "b c a", true)]
    // The same text again, and one that is part of another or of what the template writes around.
    [InlineData("Hi|Yes|Hi", "Hi Yes Hi", false)]
    [InlineData("Hi|Hi|Yes", "Hi Yes", false)]
    [InlineData("Hi|Yes|Hi", "Hi Yes", false)]
    [InlineData("there|Hi there|Yes", "Hi there Yes", false)]
    [InlineData("user|Yes", "<user> user <assistant> Yes", false)]
    [InlineData("Yes|user", "<user> Yes <assistant> user", false)]
    [InlineData("S|Hi|Yes|Hi", "Hi Yes S Hi", true)]
    // What is left out or empty has no place.
    [InlineData("lost|a|b", "a b", false)]
    [InlineData("a||b", "a b", false)]
    [InlineData("a|lost|b", "b a", true)]
    public void Only_texts_that_stand_in_no_way_in_their_order_are_reordered(string texts, string written, bool reordered) =>
        Assert.Equal(reordered, TemplateCheck.AreReordered(texts.Split('|'), written));

    // Whatever texts are written behind each other, with anything between, is in order.
    [Fact]
    public void Texts_that_are_written_in_their_order_are_never_reordered()
    {
        var random = new Random(7);
        for (var trial = 0; trial < 2000; trial++)
        {
            string Text(int longest) => string.Concat(Enumerable.Range(0, random.Next(longest)).Select(_ => "ab"[random.Next(2)]));
            var texts = Enumerable.Range(0, random.Next(6)).Select(_ => Text(4)).ToList();
            var written = string.Concat(texts.Select(text => Text(3) + text)) + Text(3);
            Assert.False(TemplateCheck.AreReordered(texts, written), $"trial {trial}: {string.Join('|', texts)} in {written}");
        }
    }

    // Of the templates of its folder these alone write the system's text behind earlier turns. Since they write it before the last
    // message alone, they rewrite a prompt that is answered, and rows of such prompts are dropped.
    [Fact]
    public void Mistral_s_templates_move_the_system_s_message_into_the_last_turn()
    {
        (string Role, string Text)[] turns =
            [("system", "Be brief, zebra."), ("user", "A quagga?"), ("assistant", "Yes, okapi."), ("user", "A gnu?")];
        var messages = JsonSerializer.SerializeToElement(turns.Select(turn => new { role = turn.Role, content = turn.Text }));
        var tokens = new Dictionary<string, JsonElement>
        {
            ["bos_token"] = JsonSerializer.SerializeToElement("<s>"), ["eos_token"] = JsonSerializer.SerializeToElement("</s>"),
        };
        var reordered = Directory.EnumerateFiles(SharedData.Folder("chat-templates/axolotl"), "*.jinja").Where(file =>
            TemplateCheck.AreReordered(
                [.. turns.Select(turn => turn.Text)],
                new ChatTemplate(file, File.ReadAllText(file), tokens, TemplateGolden.Date).Render(messages, addGenerationPrompt: true)));
        Assert.Equal(["mistral_v2v3.jinja", "mistral_v3_tekken.jinja"], reordered.Select(Path.GetFileName).Order());
    }

    [Fact]
    public void What_is_moved_is_all_there_and_the_warning_names_no_share()
    {
        var tally = new LossTally();
        tally.Add(new ExampleText("data", 1, "P", ["C"], Judgement.Nothing)
        {
            Losses = [new TemplateLoss(TemplateLossKind.MessagesReordered, 20, 20)],
        });
        var loss = Assert.Single(tally.ToLedger()!);
        Assert.Equal(new LedgerLoss(TemplateLossKind.MessagesReordered, 1, 0, "data:1"), loss);
        Assert.DoesNotContain("%", TemplateLossText.Of(loss.Kind, loss.LostShare), StringComparison.Ordinal);
    }

    // The ledger's lines are printed as they are: no property in backticks stands in them.
    [Fact]
    public void Warnings_say_in_words_what_helps()
    {
        foreach (var kind in (TemplateLossKind[])[TemplateLossKind.CompletionTextLost, TemplateLossKind.ReasoningLost])
        {
            Assert.Contains(
                "a switch of the template, or another template, may", TemplateLossText.Of(kind, 0.5), StringComparison.Ordinal);
        }

        Assert.All(Enum.GetValues<TemplateLossKind>(), kind => Assert.DoesNotContain('`', TemplateLossText.Of(kind, 0.5)));
    }

    [Fact]
    public void The_ledger_adds_up_losses_of_kept_rows()
    {
        var tally = new LossTally();
        Assert.Null(tally.ToLedger());
        ExampleText Row(int number, params TemplateLoss[] losses) =>
            new("data", number, "P", ["C"], Judgement.Nothing) { Losses = losses };
        tally.Add(Row(1));
        tally.Add(Row(2, Lost(10, 40), Lost(0, 10)));
        tally.Add(Row(3, Lost(15, 50)));
        Assert.Equal([new LedgerLoss(TemplateLossKind.CompletionTextLost, 2, 0.75, "data:2")], tally.ToLedger()!);
    }

    static TemplateLoss Lost(int kept, int of) => new(TemplateLossKind.CompletionTextLost, kept, of);

    static object Says(string role, string content) => new { role, content };

    ExampleText Read(string template, object[] prompt, object[] completion, object? beside = null)
    {
        var row = JsonSerializer.SerializeToNode(new { prompt, completion })!.AsObject();
        foreach (var (name, value) in beside is null ? [] : JsonSerializer.SerializeToNode(beside)!.AsObject())
        {
            row[name] = value?.DeepClone();
        }

        var path = folder.Write("data.jsonl", row.ToJsonString());
        var conversations = new Conversations(() => Snippets.Template(template), new EndTokens([], []), date: null);
        return Assert.Single(CompletionFile.Read(path, "data.jsonl", labelled: false, conversations: conversations));
    }
}
