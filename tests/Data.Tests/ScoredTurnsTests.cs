using OrtDpo.Batches;
using OrtDpo.ChatTemplates.Tests;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests;

/// <summary>Which turns of the assistant's a supervised run learns of a conversation.</summary>
public sealed class ScoredTurnsTests : IDisposable
{
    // As Qwen3's: thoughts are left out of an answer once a user has gone on.
    const string Template = "{% for m in messages %}<{{ m.role }}>"
        + "{{ m.content.split('</think>')[-1] if m.role == 'assistant' and not loop.last else m.content }}{% endfor %}"
        + "{% if add_generation_prompt %}<assistant>{% endif %}";

    const string Conversation = """
        {"messages":[{"role":"system","content":"S"},{"role":"user","content":"A"},{"role":"assistant","content":"<think>t</think>B"},
        {"role":"user","content":"C"},{"role":"assistant","content":"D"},{"role":"tool","content":"E"},{"role":"assistant","content":"F"}]}
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_last_is_learned_unless_all_are_asked_for()
    {
        Assert.Equal(["<system>S<user>A<assistant>B<user>C<assistant>D<tool>E<assistant>|F"], Texts(turns: null, Conversation));
        Assert.Equal(Texts(turns: null, Conversation), Texts(ScoredTurns.Last, Conversation));
    }

    [Fact]
    public void Each_turn_is_learned_behind_what_the_template_writes_at_its_point()
    {
        Assert.Equal(
            [
                "<system>S<user>A<assistant>|<think>t</think>B",
                "<system>S<user>A<assistant>B<user>C<assistant>|D",
                "<system>S<user>A<assistant>B<user>C<assistant>D<tool>E<assistant>|F",
            ],
            Texts(ScoredTurns.All, Conversation));
    }

    [Fact]
    public void A_greeting_that_answers_nobody_is_no_turn()
    {
        Assert.Equal(
            ["<assistant>A<user>B<assistant>|C"],
            Texts(ScoredTurns.All, """
                {"messages":[{"role":"assistant","content":"A"},{"role":"user","content":"B"},{"role":"assistant","content":"C"}]}
                """));
    }

    [Theory]
    [InlineData("\"weight\":0")]
    [InlineData("\"train\":false")]
    [InlineData("\"training\":false")]
    public void A_turn_that_says_it_is_not_to_be_trained_on_is_dropped_with_that_reason(string member)
    {
        var row = $$"""
            {"messages":[{"role":"user","content":"A"},{"role":"assistant","content":"B",{{member}}},
            {"role":"user","content":"C"},{"role":"assistant","content":"D"}]}
            """;
        var ledger = Prepare(ScoredTurns.All, row).Ledger;

        Assert.Equal((2, 1, 1), (ledger.Input, ledger.KeptWhole, ledger.Dropped));
        Assert.Equal(["rows.jsonl:1"], ledger.DroppedRows[DropReason.NotToTrain]);
    }

    [Fact]
    public void So_is_a_turn_in_ShareGPT_s_words()
    {
        var ledger = Prepare(
            turns: null, """{"conversations":[{"from":"human","value":"A"},{"from":"gpt","value":"B","weight":0}]}""", Conversation
                .Replace("messages", "conversations", StringComparison.Ordinal)).Ledger;

        Assert.Equal(["rows.jsonl:1"], ledger.DroppedRows[DropReason.NotToTrain]);
    }

    [Fact]
    public void The_turns_of_a_conversation_are_held_out_together()
    {
        var rows = Enumerable.Range(0, 60)
            .Select(i => Conversation.ReplaceLineEndings("").Replace("\"A\"", $"\"A{i}\"", StringComparison.Ordinal));
        var prepared = Prepare(ScoredTurns.All, new SplitRule(0.3, Seed: 0), [.. rows]);

        Assert.Equal(180, prepared.Examples.Count);
        Assert.All(prepared.Examples.GroupBy(row => row.SourceRow), turns => Assert.Single(turns.Select(turn => turn.Split).Distinct()));
        Assert.InRange(prepared.Examples.Count(row => row.Split == Split.Eval), 30, 80);
    }

    [Fact]
    public void The_ledger_counts_conversations_and_turns()
    {
        Assert.Equal(new TurnSummary("all", 2, 6), Prepare(ScoredTurns.All, Conversation, Conversation).Ledger.Turns);
        Assert.Equal(new TurnSummary("last", 2, 2), Prepare(turns: null, Conversation, Conversation).Ledger.Turns);
        Assert.Contains(
            "turns: 6 of the assistant's in 2 rows of messages, each a row by itself",
            LedgerText.Lines(Prepare(ScoredTurns.All, Conversation, Conversation).Ledger));
    }

    [Fact]
    public void A_choice_without_conversations_is_refused()
    {
        var e = Assert.Throws<InvalidDataException>(() => Prepare(ScoredTurns.All, """{"prompt":"A","completion":"B"}"""));
        Assert.StartsWith("`Turns` has no effect", e.Message, StringComparison.Ordinal);
    }

    List<string> Texts(ScoredTurns? turns, string row)
    {
        var texts = new List<string>();
        Prepare(turns, SplitRule.None, (text, _) => texts.Add($"{text.Prompt}|{text.Completions[0]}"), row);
        return texts;
    }

    PreparedData Prepare(ScoredTurns? turns, params string[] rows) => Prepare(turns, SplitRule.None, rows);

    PreparedData Prepare(ScoredTurns? turns, SplitRule split, string[] rows) => Prepare(turns, split, seen: null, rows);

    PreparedData Prepare(ScoredTurns? turns, SplitRule split, Action<ExampleText, EncodedExample>? seen, params string[] rows)
    {
        var data = new DataSettings
        {
            Files = DataSource.FromPaths([folder.Write("rows.jsonl", string.Join('\n', rows.Select(row => row.ReplaceLineEndings(""))))]),
            Split = split,
            Turns = turns,
        };
        var encoder = new ExampleEncoder(Letters, Letters, eosId: 1, maxLength: 200)
        {
            Conversations = new Conversations(() => Snippets.Template(Template), new EndTokens([], []), date: null)
            {
                Turns = turns ?? ScoredTurns.Last,
            },
        };
        return ExamplePreparation.Prepare(
            RowKind.Supervised, data, encoder, Shard.Whole, seen is null ? null : (text, encoded, _, _) => seen(text, encoded));
    }

    static int[] Letters(string text) => [.. text.Select(c => (int)c)];
}
