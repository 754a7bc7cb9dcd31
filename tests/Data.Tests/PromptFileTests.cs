using System.Text.Json;
using OrtDpo.ChatTemplates;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests;

public sealed class PromptFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_text_stays_as_it_is_and_messages_are_written_by_the_template()
    {
        Assert.Equal(
            [("data.jsonl:1", " Say\n", false), ("data.jsonl:3", "", false)],
            Read("""
                {"prompt": " Say\n", "completion": "ignored"}

                {"prompt": ""}
                """));
        Assert.Equal(
            [("data.jsonl:1", "[system]Be brief.[user]Hi[assistant]Ho[user]Why?[answer]", true)],
            Read("""
                {"prompt": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"},
                 {"role": "assistant", "content": "Ho"}, {"role": "user", "content": "Why?"}]}
                """));
    }

    /// <summary>What a run was trained on or held out.</summary>
    [Fact]
    public void Of_whole_conversations_and_of_pairs_it_is_what_is_answered()
    {
        Assert.Equal(
            [("data.jsonl:1", "[user]Hi[answer]", true), ("data.jsonl:2", "[user]Hi[assistant]Ho[user]So?[answer]", true)],
            Read("""
                {"prompt": "beside", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}
                {"prompt": "beside", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"},
                 {"role": "user", "content": "So?"}]}
                """));
        Assert.Equal(
            [("data.jsonl:1", "Q", false)], Read("""{"prompt": "Q", "chosen": "yes", "rejected": "no"}"""));
    }

    [Fact]
    public void A_text_becomes_a_user_s_message_where_that_is_asked_for()
    {
        Assert.Equal([("data.jsonl:1", "[user]Hi[answer]", true)], Read("""{"prompt": "Hi"}""", asChat: true));
        Assert.Equal([("data.jsonl:1", "[system]Be[user]Hi[answer]", true)], Read("""{"prompt": "Hi"}""", asChat: true, system: "Be"));
    }

    [Fact]
    public void The_system_speaks_before_messages_that_do_not_begin_with_it() => Assert.Equal(
        [("data.jsonl:1", "[system]Be[user]Hi[answer]", true), ("data.jsonl:2", "[system]Do[user]Ho[answer]", true)],
        Read(
            """
            {"messages": [{"role": "user", "content": "Hi"}]}
            {"messages": [{"role": "system", "content": "Do"}, {"role": "user", "content": "Ho"}]}
            """,
            system: "Be"));

    [Fact]
    public void Other_names_of_columns_are_those_that_are_given() => Assert.Equal(
        [("data.jsonl:1", "Why?", false)], Read("""{"q": "Why?"}""", columns: ColumnNames.Parse("prompt=q")));

    [Theory]
    [InlineData("""{"text": "Hi"}""", "data.jsonl line 1: the row has neither 'prompt' nor 'messages'; expected one of them. "
        + "Name its column with `Columns`.")]
    [InlineData("""{"prompt": 3}""", "data.jsonl line 1: 'prompt' is Number; expected String.")]
    [InlineData("""{"messages": []}""", "data.jsonl line 1: 'messages' must hold at least one message, "
        + "each an object with the string 'role'.")]
    [InlineData("[]", "data.jsonl has no rows; expected at least one prompt.")]
    [InlineData("""{"messages": [{"role": "nobody", "content": "Hi"}]}""",
        "data.jsonl line 1: test line 1 column 69: the template refuses the messages (\"No such role.\").")]
    public void A_row_without_a_prompt_is_refused_with_its_place(string rows, string sentence)
    {
        var refused = Assert.Throws<InvalidDataException>(() => Read(rows));
        Assert.Equal(Path.Combine(folder.Path, sentence), refused.Message);
    }

    [Fact]
    public void What_has_no_effect_on_any_row_is_refused()
    {
        Assert.StartsWith(
            "`System` has no effect: ",
            Assert.Throws<InvalidDataException>(() => Read("""{"prompt": "Hi"}""", system: "Be")).Message, StringComparison.Ordinal);
        var switches = new Dictionary<string, JsonElement> { ["role"] = JsonSerializer.SerializeToElement("x") };
        Assert.StartsWith(
            "`ChatTemplateKwargs` has no effect: ",
            Assert.Throws<InvalidDataException>(() => Read("""{"prompt": "Hi"}""", switches: switches)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_said() => Assert.StartsWith(
        "The file of prompts ",
        Assert.Throws<FileNotFoundException>(
            () => PromptFile.Read(DataSource.FromPaths([folder.File("none.jsonl")])[0], Template(null), asChat: false)).Message,
        StringComparison.Ordinal);

    List<(string? Id, string Text, bool IsRendered)> Read(
        string rows, bool asChat = false, string? system = null, ColumnNames? columns = null,
        IReadOnlyDictionary<string, JsonElement>? switches = null)
    {
        var source = DataSource.FromPaths([folder.Write("data.jsonl", rows)], columns)[0];
        var prompts = PromptFile.Read(source, Template(switches), asChat, system);
        return [.. prompts.Select(prompt => (prompt.Id, prompt.Text, prompt.IsRendered))];
    }

    static Conversations Template(IReadOnlyDictionary<string, JsonElement>? switches) => new Conversations(
        () => new ChatTemplate(
            "test",
            "{% for m in messages %}{% if m.role == 'nobody' %}{{ raise_exception('No such role.') }}{% endif %}"
                + "[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[answer]{% endif %}",
            new Dictionary<string, JsonElement>()),
        EndTokens.Of(null), date: null).With(switches ?? new Dictionary<string, JsonElement>());
}
