using OrtDpo.Core.Data;
using OrtDpo.Core.Runs;

namespace OrtDpo.Core.Tests.Data;

public sealed class PairPreparationTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_ledger_accounts_for_every_row_by_what_became_of_it()
    {
        var path = Write("data.jsonl", ("x", "yes", "no"), ("x", " ", "no"), ("x", "yes", ""), (new string('x', 40), "y", "z"), ("xa", "b" + new string('y', 30), "c"));
        var prepared = Prepare([path], []);
        var ledger = prepared.Ledger;
        Assert.Equal((5, 1, 1, 3, 0), (ledger.Input, ledger.KeptWhole, ledger.KeptTruncated, ledger.Dropped, ledger.OtherShards));
        Assert.Equal(["data.jsonl:2"], ledger.DroppedRows[DropReason.EmptyChosen]);
        Assert.Equal(["data.jsonl:3"], ledger.DroppedRows[DropReason.EmptyRejected]);
        Assert.Equal(["data.jsonl:4"], ledger.DroppedRows[DropReason.PromptTooLong]);
        // BOS x a leave 17 of 20 tokens; b, 30 times y and the end of sequence are 32.
        Assert.Equal([new TruncatedRow("data.jsonl:5", 15, 0)], ledger.TruncatedRows);
        Assert.Equal(1, ledger.Boundary);
        Assert.Equal(0.75, ledger.EosShare);
        Assert.Equal(new LengthSummary(Min: 2, Median: 2, Mean: 2.5, Max: 3, Sum: 5), ledger.PromptTokens);
        Assert.Equal(FileDigest.OfFile(path), Assert.Single(ledger.Sources).Sha256);
    }

    [Fact]
    public void The_ledger_is_read_back_as_it_was_written()
    {
        var ledger = Prepare([Write("data.jsonl", ("x", "yes", "no"), ("x", " ", "no"))], []).Ledger;
        FileJson.Write(folder.File("ledger.json"), ledger);
        Assert.Contains("\"empty_chosen\": [", File.ReadAllText(folder.File("ledger.json")), StringComparison.Ordinal);
        Assert.Equivalent(ledger, FileJson.Read<Ledger>(folder.File("ledger.json")), strict: true);
    }

    [Fact]
    public void The_split_depends_on_prompts_alone_and_not_on_order_or_neighbours()
    {
        var rows = Enumerable.Range(0, 300).Select(i => ($"prompt {i / 2}", $"y{i}", "n")).ToArray();
        var forwards = SplitByText(Write("a.jsonl", rows));
        var backwards = SplitByText(Write("b.jsonl", [.. rows.Reverse()]));
        var fewer = SplitByText(Write("c.jsonl", rows[..100]));
        Assert.Equal(forwards.OrderBy(f => f.Key), backwards.OrderBy(b => b.Key));
        Assert.All(fewer, f => Assert.Equal(forwards[f.Key], f.Value));
        Assert.InRange(forwards.Count(f => f.Value == Split.Eval), 30, 120);

        Dictionary<string, Split> SplitByText(string path) => Prepare([path], [], new SplitRule(0.25, Seed: 7, AllowLeak: false)).Pairs
            .ToDictionary(p => WordTokenizer.Decode(p.Tokens.Chosen), p => p.Split);
    }

    [Fact]
    public void Shards_part_the_rows_by_prompt_and_leave_none_out()
    {
        var rows = Enumerable.Range(0, 90).Select(i => ($"p{i / 3}", $"y{i}", "n")).ToArray();
        var path = Write("data.jsonl", rows);
        var shards = Enumerable.Range(1, 3).Select(i => Prepare([path], [], shard: new Shard(i, 3))).ToList();
        Assert.All(shards, s => Assert.Equal(90, s.Ledger.KeptWhole + s.Ledger.OtherShards));
        var byPrompt = shards.SelectMany((s, i) => s.Pairs.Select(p => (Prompt: WordTokenizer.Decode(p.Tokens.Prompt), Shard: i)));
        Assert.Equal(90, byPrompt.Count());
        Assert.All(byPrompt.GroupBy(p => p.Prompt), g => Assert.Single(g.Select(p => p.Shard).Distinct()));
    }

    [Fact]
    public void A_prompt_on_both_sides_is_refused_unless_leaks_are_allowed()
    {
        var data = Write("train.jsonl", ("q1", "y", "n"), ("q2", "y", "n"));
        var eval = Write("eval.jsonl", ("q3", "y", "n"), ("q2", "y", "m"));
        var e = Assert.Throws<InvalidDataException>(() => Prepare([data], [eval]));
        Assert.StartsWith("The prompt of eval.jsonl:2 is also that of train.jsonl:2: ", e.Message, StringComparison.Ordinal);
        var allowed = Prepare([data], [eval], new SplitRule(0, 0, AllowLeak: true)).Ledger;
        Assert.Equal((2, 2, 1), (allowed.Train, allowed.Eval, allowed.LeakedEval));
    }

    [Fact]
    public void Data_of_which_nothing_is_left_is_refused_with_the_reasons()
    {
        var e = Assert.Throws<InvalidDataException>(() => Prepare([Write("data.jsonl", ("x", " ", "no"))], []));
        Assert.Contains("empty_chosen: 1 (data.jsonl:1)", e.Message, StringComparison.Ordinal);
    }

    static PreparedPairs Prepare(string[] data, string[] eval, SplitRule? rule = null, Shard? shard = null)
    {
        var encoder = new PairEncoder(WordTokenizer.EncodeWithBos, WordTokenizer.Continue, WordTokenizer.Eos, maxLength: 20);
        var sources = DataSource.FromPaths([.. data, .. eval]);
        var settings = new DataSettings
        {
            Files = [.. sources.Take(data.Length)], EvalFiles = [.. sources.Skip(data.Length)], Split = rule ?? SplitRule.None,
        };
        return PairPreparation.Prepare(RowKind.Pair, settings, encoder, shard ?? Shard.Whole);
    }

    string Write(string name, params (string Prompt, string Chosen, string Rejected)[] rows) => folder.Write(name, string.Join('\n', rows.Select(r =>
        System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { ["prompt"] = r.Prompt, ["chosen"] = r.Chosen, ["rejected"] = r.Rejected }))));
}
