using System.Text.Json;
using OrtDpo.Batches;

namespace OrtDpo.Data.Tests;

public sealed class RowFormTests : IDisposable
{
    const string Plain = """{"prompt": "p", "chosen": "c", "rejected": "r"}""";
    const string Turns = """{"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]""";
    const string Preference = """{"history": "Why?", "human_ref_A": "So.", "human_ref_B": "No.", "labels": 1, "score_ratio": 2.5}""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, " So.", " No.")]
    [InlineData(0, " No.", " So.")]
    public void Answers_of_a_forum_are_a_dialogue_whose_better_answer_the_label_names(int label, string chosen, string rejected)
    {
        var pair = Assert.Single(Pairs(Preference.Replace("\"labels\": 1", $"\"labels\": {label}", StringComparison.Ordinal)));

        Assert.Equal(("\n\nHuman: Why?\n\nAssistant:", chosen, rejected), (pair.Prompt, pair.Chosen, pair.Rejected));
    }

    [Fact]
    public void Pairs_of_a_low_score_ratio_are_dropped_and_pairs_without_one_are_not()
    {
        string Row(double ratio) =>
            Preference.Replace("2.5", ratio.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var (ratios, plain) = (folder.Write("shp.jsonl", Row(1.9) + "\n" + Row(2) + "\n" + Row(30.5)), folder.Write("plain.jsonl", Plain));
        var ledger = Prepare(2, ratios, plain).Ledger;
        Assert.Equal((4, 3, 1), (ledger.Input, ledger.KeptWhole, ledger.Dropped));
        Assert.Equal(["shp.jsonl:1"], ledger.DroppedRows[DropReason.LowScoreRatio]);
        Assert.Equal(4, Prepare(null, ratios, plain).Ledger.KeptWhole);
        Assert.StartsWith(
            "`MinScoreRatio` has no effect",
            Assert.Throws<InvalidDataException>(() => Prepare(2, plain)).Message, StringComparison.Ordinal);

        var (with, without) = (Data(2, ratios), Data(null, ratios));
        Assert.NotEqual(DataDigest.Of(with, ledger.Sources), DataDigest.Of(without, ledger.Sources));

        static DataSettings Data(double? least, params string[] files) =>
            new() { Files = DataSource.FromPaths(files), MinScoreRatio = least };
        static PreparedData Prepare(double? least, params string[] files) => ExamplePreparation.Prepare(
            RowKind.Pair,
            Data(least, files),
            new ExampleEncoder(WordTokenizer.Continue, WordTokenizer.Continue, eosId: null, maxLength: 200),
            Shard.Whole);
    }

    [Theory]
    [InlineData("""{"subreddit": "tea", "title": "T", "post": "Long."}""", "SUBREDDIT: r/tea\n\nTITLE: T\n\nPOST: Long.\n\nTL;DR:")]
    [InlineData("""{"article": "News.", "post": null}""", "Article: News.\n\nTL;DR:")]
    public void Of_two_summaries_the_choice_is_the_chosen_one(string info, string prompt)
    {
        var pair = Assert.Single(Pairs($$"""{"info": {{info}}, "summaries": [{"text": "first"}, {"text": " second"}], "choice": 1}"""));

        Assert.Equal((prompt, " second", " first"), (pair.Prompt, pair.Chosen, pair.Rejected));
    }

    [Theory]
    [InlineData("", "### Instruction:\nAdd.\n\n### Response:\n")]
    [InlineData(""", "input": "" """, "### Instruction:\nAdd.\n\n### Response:\n")]
    [InlineData(""", "input": "1 2" """, "### Instruction:\nAdd.\n\n### Input:\n1 2\n\n### Response:\n")]
    public void An_instruction_and_its_output_are_a_prompt_and_a_completion(string input, string end)
    {
        var row = Assert.Single(Rows($$"""{"instruction": "Add.", "output": "3"{{input}}}"""));

        Assert.EndsWith(end, row.GetProperty("prompt").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("Below is an instruction", row.GetProperty("prompt").GetString(), StringComparison.Ordinal);
        Assert.Equal("3", row.GetProperty("completion").GetString());
    }

    [Fact]
    public void The_label_of_an_output_stays_so_that_it_is_not_imitated()
    {
        var path = folder.Write("rows.jsonl", """{"instruction": "Add.", "output": "4", "label": false}""");

        Assert.False(Assert.Single(CompletionFile.Read(path, "rows", labelled: true)).Desirable);
        Assert.Throws<InvalidDataException>(() => CompletionFile.Read(path, "rows", labelled: false).ToList());
    }

    [Fact]
    public void Turns_of_sharegpt_become_messages()
    {
        var row = Assert.Single(Rows(
            """{"conversations": [{"from": "system", "value": "s"}, {"from": "human", "value": "q"}],"""
            + """ "chosen": {"from": "gpt", "value": "a"}, "rejected": {"from": "gpt", "value": "b"}}"""));

        Assert.Equal(
            """{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"q"}],"chosen":"""
            + """[{"role":"assistant","content":"a"}],"rejected":[{"role":"assistant","content":"b"}]}""",
            row.GetRawText());
    }

    [Theory]
    [InlineData("")]
    [InlineData(""", "chosen": null, "rejected": null, "system": "", "tools": " " """)]
    [InlineData(""", "system": null, "tools": "[]" """)]
    public void Turns_without_two_answers_are_a_conversation_to_imitate(string beside)
    {
        var row = Assert.Single(Rows(Turns + beside + "}"));

        Assert.Equal("""{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}""", row.GetRawText());
    }

    [Fact]
    public void A_system_and_functions_may_stand_beside_turns()
    {
        const string Beside = """, "system": "s", "tools": "[{\"name\": \"f\"}]" """;
        var conversation = Assert.Single(Rows(Turns + Beside + "}"));
        var pair = Assert.Single(Rows(
            """{"conversations": [{"from": "human", "value": "q"}], "chosen": {"from": "gpt", "value": "a"},"""
            + """ "rejected": {"from": "gpt", "value": "b"} """
            + Beside + "}"));

        Assert.Equal(
            ["system", "user", "assistant"],
            conversation.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("role").GetString()));
        Assert.Equal(["system", "user"], pair.GetProperty("prompt").EnumerateArray().Select(m => m.GetProperty("role").GetString()));
        Assert.All([conversation, pair], row => Assert.Equal("""[{"name":"f"}]""", row.GetProperty("tools").GetRawText()));
    }

    [Fact]
    public void A_turn_of_the_systems_makes_the_system_beside_it_needless()
    {
        var row = Assert.Single(Rows(
            """{"conversations": [{"from": "system", "value": "s"}, {"from": "user", "value": "q"}, {"from": "model", "value": "a"}],"""
            + """ "system": "t"}"""));

        Assert.Equal(["s", "q", "a"], row.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("content").GetString()));
    }

    [Fact]
    public void Turns_beside_a_completion_are_a_further_column()
    {
        var path = folder.Write("rows.jsonl", """{"prompt": "p", "completion": "c", "conversations": 3}""");

        Assert.Equal("c", Assert.Single(CompletionFile.Read(path, "rows", labelled: false)).Chosen);
    }

    [Theory]
    [InlineData("function_call")]
    [InlineData("observation")]
    public void Calls_of_functions_are_refused_by_name(string from)
    {
        var error = Assert.Throws<NotSupportedException>(() =>
            Rows($$"""{"conversations": [{"from": "human", "value": "q"}, {"from": "{{from}}", "value": "{}"}]}"""));

        Assert.Contains($"line 1: a turn is from '{from}'. Calls of functions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_two_forms_in_one_file_are_refused_wherever_they_stand()
    {
        var error = Assert.Throws<InvalidDataException>(() => Rows(Plain, Plain, Preference));

        Assert.Contains("line 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("line 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Stanford Human Preferences'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"history": "h", "human_ref_A": "a", "human_ref_B": "b", "labels": 2}""", "'labels' is 2")]
    [InlineData("""{"history": 1, "human_ref_A": "a", "human_ref_B": "b", "labels": 1}""", "'history' is Number")]
    [InlineData("""{"info": {}, "summaries": [], "choice": 0}""", "there are 0 summaries")]
    [InlineData("""{"info": {"title": "t"}, "summaries": [{"text": "a"}, {"text": "b"}], "choice": 0}""", "'article' is missing")]
    [InlineData("""{"conversations": [{"from": "bot", "value": "x"}], "chosen": {}, "rejected": {}}""", "a turn is from 'bot'")]
    [InlineData("""{"conversations": [3], "chosen": {}, "rejected": {}}""", "'from' is missing")]
    [InlineData("""{"conversations": "q"}""", "'conversations' is String")]
    [InlineData("""{"conversations": [], "chosen": null, "rejected": {}}""", "'chosen' is Null")]
    [InlineData(Turns + """, "system": 3}""", "'system' is Number")]
    [InlineData(Turns + """, "tools": "f"}""", "'tools' is no list of functions")]
    [InlineData(Turns + """, "tools": {}}""", "'tools' is no list of functions")]
    public void A_row_that_is_not_what_its_form_says_is_refused(string row, string fault) =>
        Assert.Contains($"line 1: {fault}", Assert.Throws<InvalidDataException>(() => Rows(row)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("preference-demos/dpo_en_demo.json", 300)]
    [InlineData("preference-demos/alpaca_en_demo.json", 999)]
    public void Published_files_are_of_one_form(string file, int rows)
    {
        var (folderName, name) = (file.Split('/')[0], file.Split('/')[1]);

        Assert.Equal(
            rows,
            JsonRows.Read(Path.Combine(SharedData.Folder(folderName), name)).Count(row => row.Value.TryGetProperty("prompt", out _)));
    }

    List<ExampleText> Pairs(params string[] rows) => [.. PairFile.Read(folder.Write("rows.jsonl", string.Join('\n', rows)), "rows")];

    List<JsonElement> Rows(params string[] rows) =>
        [.. JsonRows.Read(folder.Write("rows.jsonl", string.Join('\n', rows))).Select(row => row.Value.Clone())];
}
