using OrtDpo.Data;
using OrtDpo.Data.Cache;

namespace OrtDpo.Pipeline.Tests;

public sealed class PrecomputeTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_same_command_in_another_folder_writes_the_same_bytes_and_again_in_the_same_folder_nothing()
    {
        string[] arguments = ["--model", Model(), "--data", Pairs(40), "--eval-fraction", "0.25", "--max-length", "64"];
        var first = Precompute([.. arguments, "--out", folder.File("a")]);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Contains("40 rows: 40 kept whole, 0 kept truncated, 0 dropped.", first.Output, StringComparison.Ordinal);
        Assert.Contains("last scored tokens of chosen: ", first.Output, StringComparison.Ordinal);
        Assert.Equal(0, Precompute([.. arguments, "--out", folder.File("b")]).ExitCode);
        Assert.Equal(Bytes("a"), Bytes("b"));

        var again = Precompute([.. arguments, "--out", folder.File("a")]);
        Assert.Contains("found: 1 of 1 parts are whole and stay", again.Output, StringComparison.Ordinal);
        Assert.Equal(Bytes("a"), Bytes("b"));

        var cache = ReferenceCache.Open(folder.File("a"));
        Assert.Equal(40, cache.Rows.Count);
        Assert.InRange(cache.RowsOf(Split.Eval).Count, 2, 22);
        Assert.All(cache.Rows, row => Assert.InRange(row.Reference[0].Sum, -500, -1));
    }

    [Fact]
    public void Shards_of_separate_runs_are_the_rows_of_one_run()
    {
        var data = Pairs(30);
        Assert.Equal(0, Precompute("--model", Model(), "--data", data, "--out", folder.File("whole")).ExitCode);
        foreach (var shard in (string[])["2/2", "1/2"])
        {
            Assert.Equal(0, Precompute("--model", Model(), "--data", data, "--shard", shard, "--out", folder.File("cut")).ExitCode);
        }

        var whole = ReferenceCache.Open(folder.File("whole"));
        var cut = ReferenceCache.Open(folder.File("cut"));
        Assert.Equal(whole.Rows.Select(row => (row.RowKey, row.SourceRow)), cut.Rows.Select(row => (row.RowKey, row.SourceRow)));

        // Other batches: the promise is the gate's tolerance for a sequence.
        AssertClose(
            [.. whole.Rows.Select(row => row.Reference[0].Sum)],
            [.. cut.Rows.Select(row => row.Reference[0].Sum)],
            Tolerances.GateSequence);
    }

    [Fact]
    public void Prompts_over_their_bound_are_cut_recorded_and_trained_on_as_they_were_scored()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(20, words: 12));
        var reference = folder.File("ref");
        string[] arguments = ["--model", model, "--data", data, "--max-prompt-length", "16"];
        var run = Precompute([.. arguments, "--out", reference]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("max prompt length: 16 tokens", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"truncated: \d+ tokens cut off the beginnings of prompts of 20 rows", run.Output);
        Assert.Contains(
            "\"max_prompt_length\": 16", File.ReadAllText(Path.Combine(reference, "manifest-1of1.json")), StringComparison.Ordinal);
        Assert.All(ReferenceCache.Open(reference).Rows, row => Assert.Equal(16, row.Tokens.Prompt.Length));

        var other = Precompute("--model", model, "--data", data, "--out", reference);
        Assert.Contains("holds a cache that was made with maximum prompt length 16 and not none", other.Error, StringComparison.Ordinal);

        var trained = TinyPipeline.Succeed("train", "--model", model, "--ref", reference, "--out", folder.File("run"), "--max-steps", "1");
        Assert.Matches(@"step-0 gate: passed on \d+ rows", trained);
        Assert.Equal(0, OrtDpoProgram.Run("verify", reference, "--model", model).ExitCode);
        Refused("--max-prompt-length is 256, and prompt and completion together are bounded by 256",
            folder.File("refused"), "--model", model, "--data", data, "--max-prompt-length", "256");
    }

    [Fact]
    public void Sources_count_by_their_weights_are_scored_once_and_make_another_cache()
    {
        var model = TinyModel.Write(folder.File("model"));
        var a = folder.Write("a.jsonl", TinyPairs.Lines(12));
        Directory.CreateDirectory(folder.File("b"));
        folder.Write("b/rows.jsonl", TinyPairs.Lines(40, seed: 2));
        string[] arguments = ["--model", model, "--data", a, folder.File("b"), "--eval-fraction", "0.25"];
        var reference = folder.File("ref");
        var run = Precompute([.. arguments, "--weights", "2,0.5", "--out", reference]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"weights \(a.jsonl 2, rows.jsonl 0.5\): \d+ training rows left out, \d+ copies added\.", run.Output);

        var cache = ReferenceCache.Open(reference);
        Assert.All(
            cache.RowsOf(Split.Train).Where(row => row.Source == "a.jsonl").CountBy(row => row.SourceRow),
            row => Assert.Equal(2, row.Value));
        Assert.All(
            cache.RowsOf(Split.Train).Where(row => row.Source == "rows.jsonl").CountBy(row => row.SourceRow),
            row => Assert.Equal(1, row.Value));
        Assert.All(cache.RowsOf(Split.Eval).CountBy(row => (row.Source, row.SourceRow)), row => Assert.Equal(1, row.Value));
        Assert.Contains(
            FormattableString.Invariant($"plan: {cache.Rows.CountBy(row => row.RowKey).Count()} distinct of {cache.Rows.Count} rows"),
            run.Output, StringComparison.Ordinal);
        Assert.Equal(0, OrtDpoProgram.Run("verify", reference, "--model", model).ExitCode);
        Assert.Contains(
            "step-0 gate: passed",
            TinyPipeline.Succeed("train", "--model", model, "--ref", reference, "--out", folder.File("run"), "--max-steps", "2"),
            StringComparison.Ordinal);

        // Another mixture is another cache, for which rows that are known are not scored again.
        var other = Precompute([.. arguments, "--out", reference]);
        Assert.Equal(1, other.ExitCode);
        var reused = Precompute([.. arguments, "--reuse", reference, "--out", folder.File("even")]);
        Assert.Contains(
            FormattableString.Invariant($"reused: {cache.Rows.CountBy(row => row.RowKey).Count()} pairs"),
            reused.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_data_and_a_bad_model_are_one_sentence_with_exit_code_one_and_leave_nothing()
    {
        var model = Model();
        var bad = folder.Write(
            "bad.jsonl", """{"prompt": "a", "chosen": "b", "rejected": "c"}""" + "\n" + """{"prompt": "a", "chosen": "b"}""");
        Refused("bad.jsonl line 2: 'rejected' is missing", folder.File("ref"), "--model", model, "--data", bad);
        Refused("nope.jsonl does not exist", folder.File("ref"), "--model", model, "--data", "nope.jsonl");
        Refused("nope does not exist", folder.File("ref"), "--model", "nope", "--data", bad);
        Refused(
            "--max-length is 513, and the model has 512 positions",
            folder.File("ref"), "--model", model, "--data", bad, "--max-length", "513");
    }

    [Fact]
    public void A_folder_with_another_cache_is_left_alone()
    {
        var model = Model();
        Assert.Equal(0, Precompute("--model", model, "--data", Pairs(5), "--out", folder.File("ref")).ExitCode);
        var other = Precompute("--model", model, "--data", Pairs(5), "--max-length", "60", "--out", folder.File("ref"));
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("holds a cache that was made with maximum length 512 and not 60", other.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--eval-data e --eval-fraction 0.1", "--eval-data and --eval-fraction are both given")]
    [InlineData("--seed 1", "--seed has no effect without --eval-fraction, --max-rows or a fraction in --weights")]
    [InlineData("--seed 1 --weights 2", "--seed has no effect without --eval-fraction, --max-rows or a fraction in --weights")]
    [InlineData("--weights 1", "--weights is '1', which has no effect")]
    [InlineData("--weights 1,0.5", "--weights has 2 numbers, and --data names 1; give each its weight")]
    [InlineData("--min-score-ratio 1", "--min-score-ratio is 1; it must be above 1.")]
    [InlineData("--weights 0", "--weights is '0'; '0' must be a number above 0 and at most 100.")]
    [InlineData("--weights half", "--weights is 'half'; 'half' must be a number above 0 and at most 100.")]
    [InlineData("--allow-leak", "--allow-leak has no effect without --eval-data")]
    [InlineData("--shard 3/2", "The shard is '3/2'; expected i/n")]
    [InlineData("--eval-fraction 1", "--eval-fraction is 1; it must be above 0 and below 1")]
    [InlineData("--eval-data d", "d is given twice as data")]
    [InlineData("--max-prompt-length 64 --max-length 64", "--max-prompt-length is 64; it must be below --max-length, which is 64")]
    [InlineData("--max-prompt-length 1", "--max-prompt-length is 1; it must be at least 2")]
    public void Options_that_do_not_go_together_are_refused_with_exit_code_two(string options, string expected)
    {
        var run = Precompute(["--model", "m", "--data", "d", "--out", folder.File("ref"), .. options.Split(' ')]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
    }

    static void Refused(string expected, string output, params string[] arguments)
    {
        var run = Precompute([.. arguments, "--out", output]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(output));
    }

    static ProgramRun Precompute(params IEnumerable<string> arguments) => OrtDpoProgram.Run(["precompute", .. arguments]);

    static string Model() => SharedData.Folder("stories260K");

    string Pairs(int count) => folder.Write("pairs.jsonl", string.Join('\n', Enumerable.Range(0, count).Select(i =>
        $$"""{"prompt": "Once there was number {{i}}.", "chosen": " It was a good number{{(i % 3 == 0 ? "" : " and it sang")}}.","""
        + $$""" "rejected": " No {{i * 7}}."}""")));

    SortedDictionary<string, string> Bytes(string name) => new(Directory.EnumerateFiles(folder.File(name))
        .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(File.ReadAllBytes(file))));
}
