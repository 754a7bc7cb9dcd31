using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

public sealed class InspectTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_add_up_the_plot_and_the_tokens_are_there_and_a_leak_is_told()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(20));
        var held = folder.Write("held.jsonl", TinyPairs.Lines(2));
        // A process: the plot's blocks pass through its stdout.
        var run = OrtDpoProgram.RunProcess("inspect", "--model", model, "--data", data, "--eval-data", held);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("22 rows: 22 kept whole, 0 kept truncated, 0 dropped.", run.Output, StringComparison.Ordinal);
        Assert.Contains("█", run.Output, StringComparison.Ordinal);
        Assert.Contains("one pair as it is trained on (pairs.jsonl:1)", run.Output, StringComparison.Ordinal);
        Assert.Contains("leaked_prompts: 2 rows", run.Output, StringComparison.Ordinal);
        Assert.Contains("    held.jsonl:1, held.jsonl:2", run.Output, StringComparison.Ordinal);
        Assert.Equal("pair", (string)Inspect("--model", model, "--data", data)["kind"]!);
    }

    [Fact]
    public void Real_pairs_add_up_and_decode_to_their_text()
    {
        var data = Path.Combine(SharedData.Folder("hh-rlhf"), "harmless-base-test.jsonl.gz");
        var found = Inspect("--model", SharedData.Folder("stories260K"), "--data", data);
        var ledger = found["ledger"]!;
        Assert.Equal(2312, (int)ledger["input"]!);
        Assert.Equal((int)ledger["input"]!, (int)ledger["kept_whole"]! + (int)ledger["kept_truncated"]! + (int)ledger["dropped"]!);
        var kept = (int)ledger["kept_whole"]! + (int)ledger["kept_truncated"]!;
        Assert.Equal(kept, found["lengths"]!["bins"]!.AsArray().Sum(bin => (int)bin!["prompt"]!));
        Assert.Equal(kept, (int)found["sources"]![0]!["kept"]!);

        // The first row of the file is whole at its beginning; what was cut is at the end of a completion.
        using var lines = new StreamReader(new GZipStream(File.OpenRead(data), CompressionMode.Decompress));
        var row = JsonNode.Parse(lines.ReadLine()!)!;
        var prompt = ((string)found["shown_text"]!["prompt"]!)["<s>".Length..].TrimStart(' ');
        Assert.StartsWith(prompt, (string)row["chosen"]!, StringComparison.Ordinal);
        Assert.StartsWith(prompt + (string)found["shown_text"]!["rejected"]!, (string)row["rejected"]!, StringComparison.Ordinal);
        Assert.All(
            found["shown"]!.AsArray(),
            token => Assert.Equal((string)token!["part"]! == "prompt" ? -100 : (int)token["id"]!, (int)token["label"]!));
    }

    [Fact]
    public void Unpaired_feedback_is_shown_by_its_labels()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("feedback.jsonl", string.Join('\n', Enumerable.Range(0, 20).Select(i => JsonSerializer.Serialize(
            new
            {
                prompt = $"{i}: apple?",
                completion = i % 4 == 0 ? " Yes, please, an apple and a bird." : " No apple.",
                label = i % 4 == 0,
            }))));
        var run = OrtDpoProgram.Run("inspect", "--model", model, "--data", data);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("sources of unpaired feedback", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"tokens  prompts +desirable +undesirable", run.Output);
        Assert.Contains("one row as it is trained on (feedback.jsonl:1, desirable)", run.Output, StringComparison.Ordinal);
        Assert.Contains("  unbalanced_labels: 5 desirable and 15 undesirable rows are trained on", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "a desirable completion is longer than an undesirable one in 100 % of all couples", run.Output, StringComparison.Ordinal);

        var found = Inspect("--model", model, "--data", data);
        Assert.Equal(("unpaired", true), ((string)found["kind"]!, (bool)found["shown_label"]!));
        Assert.Equal(["prompt", "desirable", "undesirable"], found["lengths"]!["parts"]!.AsArray().Select(part => (string)part!));
        Assert.Equal(5, found["lengths"]!["bins"]!.AsArray().Sum(bin => (int)bin!["desirable"]!));
        Assert.Equal(15, found["lengths"]!["bins"]!.AsArray().Sum(bin => (int)bin!["undesirable"]!));
        Assert.Equal(" Yes, please, an apple and a bird.<|endoftext|>", (string)found["shown_text"]!["completion"]!);
        Assert.Equal(["unbalanced_labels", "length_bias"], found["warnings"]!.AsArray().Select(warning => (string)warning!["kind"]!));
    }

    [Fact]
    public void Published_instructions_are_shown_as_what_sft_learns()
    {
        var data = Path.Combine(SharedData.Folder("preference-demos"), "alpaca_en_demo.json");
        var found = Inspect("--model", SharedData.Folder("stories260K"), "--data", data);
        Assert.Equal(("supervised", null), ((string)found["kind"]!, found["shown_label"]));
        Assert.Equal(999, (int)found["ledger"]!["input"]!);
        var kept = (int)found["ledger"]!["kept_whole"]! + (int)found["ledger"]!["kept_truncated"]!;
        Assert.Equal(kept, found["lengths"]!["bins"]!.AsArray().Sum(bin => (int)bin!["completion"]!));

        // What the file itself says: rows that are another's word for word, among those that are kept.
        var dropped = found["ledger"]!["dropped_rows"]!.AsObject()
            .SelectMany(reason => reason.Value!.AsArray()).Select(row => (string)row!).ToHashSet();
        JsonNode?[] rows = [.. JsonNode.Parse(File.ReadAllText(data))!.AsArray()
            .Where((_, i) => !dropped.Contains($"alpaca_en_demo.json:{i + 1}"))];
        var distinct = rows.Select(row => ((string)row!["instruction"]!, (string)row["input"]!, (string)row["output"]!)).Distinct().Count();
        var duplicates = Assert.Single(found["warnings"]!.AsArray(), warning => (string)warning!["kind"]! == "duplicate_rows")!;
        Assert.Equal(rows.Length - distinct, (int)duplicates["count"]!);
    }

    [Fact]
    public void Messages_are_shown_as_the_template_writes_them_on_the_day_that_is_given()
    {
        var model = TinyModel.Write(folder.File("model"));
        File.WriteAllText(
            Path.Combine(model, "chat_template.jinja"),
            "{{ strftime_now('%d.%m.%Y') }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
            + "{% if add_generation_prompt %}[assistant]{% endif %}");
        var chat = folder.Write(
            "chat.jsonl", """{"conversations": [{"from": "human", "value": "apple?"}, {"from": "gpt", "value": "bird, cloud."}]}""");
        var found = Inspect("--model", model, "--data", chat, "--template-date", "2026-01-31");
        // The tokenizer begins every text with <|user|>.
        Assert.Equal("<|user|>31.01.2026[user]apple?[assistant]", (string)found["shown_text"]!["prompt"]!);
        Assert.Equal("bird, cloud.<|endoftext|>", (string)found["shown_text"]!["completion"]!);
        Assert.Matches("^[0-9a-f]{64}$", (string)found["chat_template"]!);
        var told = OrtDpoProgram.Run("inspect", "--model", model, "--data", chat, "--template-date", "2026-01-31");
        Assert.Matches("chat template: digest [0-9a-f]{12}…, today is 2026-01-31", told.Output);

        var undated = OrtDpoProgram.Run("inspect", "--model", model, "--data", chat);
        Assert.Equal((1, ""), (undated.ExitCode, undated.Output));
        Assert.Contains("date", undated.Error, StringComparison.Ordinal);

        var text = folder.Write("text.jsonl", TinyPairs.Lines(2));
        var inert = OrtDpoProgram.Run("inspect", "--model", model, "--data", text, "--template-date", "2026-01-31");
        Assert.Equal((1, ""), (inert.ExitCode, inert.Output));
        Assert.Equal("--template-date has no effect: no row holds messages. Leave it out.", inert.Error.TrimEnd());
    }

    [Fact]
    public void Long_texts_are_shown_in_part_and_in_lines_that_a_terminal_holds()
    {
        var model = TinyModel.Write(folder.File("model"));
        // " banan" is a token: 1080 characters fit, and <|endoftext|> makes them 1093, of which 400 and 200 are shown.
        var completion = string.Concat(Enumerable.Repeat(" banan", 180));
        var data = folder.Write(
            "long.jsonl",
            JsonSerializer.Serialize(new { prompt = string.Concat(Enumerable.Repeat(" a", 200)), completion }));
        var run = OrtDpoProgram.Run("inspect", "--model", model, "--data", data, "--max-prompt-length", "60");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var shown = run.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("… (493 characters) …", string.Join(' ', shown), StringComparison.Ordinal);
        Assert.All(run.Output.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 120));
    }

    static JsonNode Inspect(params string[] arguments)
    {
        var run = OrtDpoProgram.Run(["inspect", .. arguments, "--json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return JsonNode.Parse(run.Output)!;
    }
}
