using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Data.Tests;

public sealed class ExamplePreparationTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_ledger_accounts_for_every_row_by_what_became_of_it()
    {
        var path = Write(
            "data.jsonl", ("x", "yes", "no"), ("x", " ", "no"), ("x", "yes", ""),
            (new string('x', 40), "y", "z"), ("xa", "b" + new string('y', 30), "c"));
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

        Dictionary<string, Split> SplitByText(string path) => Prepare([path], [], new SplitRule(0.25, Seed: 7, AllowLeak: false)).Examples
            .ToDictionary(p => WordTokenizer.Decode(p.Tokens.Completions[0]), p => p.Split);
    }

    [Fact]
    public void A_weight_repeats_rows_and_leaves_others_out_by_prompt_and_touches_no_held_out_row()
    {
        var rows = Enumerable.Range(0, 400).Select(i => ($"p{i / 2}", $"y{i}", "n")).ToArray();
        var (a, b) = (Write("a.jsonl", rows), Write("b.jsonl", [.. rows.Select(row => ("q" + row.Item1, row.Item2, row.Item3))]));
        var split = new SplitRule(0.2, Seed: 3, AllowLeak: false);
        var plain = Prepare([a, b], [], split);
        var mixed = Prepare([a, b], [], split, weights: [1.5, 0.25]);

        Dictionary<string, int> Uses(PreparedData pairs, Split of) =>
            pairs.Examples.Where(p => p.Split == of).CountBy(p => $"{p.Source}:{p.SourceRow}").ToDictionary();

        Assert.Equal(Uses(plain, Split.Eval), Uses(mixed, Split.Eval));
        var (before, after) = (Uses(plain, Split.Train), Uses(mixed, Split.Train));
        Assert.All(before.Keys.Where(id => id.StartsWith("a.", StringComparison.Ordinal)), id => Assert.InRange(after[id], 1, 2));
        Assert.All(
            before.Keys.Where(id => id.StartsWith("b.", StringComparison.Ordinal)),
            id => Assert.Equal(1, after.GetValueOrDefault(id, 1)));
        // Both rows of a prompt fare alike.
        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal(
            after.GetValueOrDefault($"b.jsonl:{(2 * i) + 1}"), after.GetValueOrDefault($"b.jsonl:{(2 * i) + 2}")));
        // Some 160 training prompts a file: four standard deviations of a share are 0.16 and 0.14.
        var trained = before.Count(use => use.Key.StartsWith("a.", StringComparison.Ordinal));
        Assert.InRange(
            after.Where(use => use.Key.StartsWith("a.", StringComparison.Ordinal)).Sum(use => use.Value) / (double)trained, 1.34, 1.66);
        var trainedB = before.Count - trained;
        Assert.InRange(after.Keys.Count(id => id.StartsWith("b.", StringComparison.Ordinal)) / (double)trainedB, 0.11, 0.39);

        var ledger = mixed.Ledger;
        Assert.Equal(800, ledger.Input);
        Assert.Equal(800, ledger.KeptWhole + ledger.LeftOut);
        Assert.Equal(mixed.Examples.Count, ledger.Train + ledger.Eval + ledger.Repeated);
        Assert.Equal([1.5, 0.25], ledger.Sources.Select(source => source.Weight));
        Assert.Contains(
            FormattableString.Invariant(
                $"weights (a.jsonl 1.5, b.jsonl 0.25): {ledger.LeftOut} training rows left out, {ledger.Repeated} copies added."),
            LedgerText.Lines(ledger));
    }

    [Fact]
    public void Which_rows_a_weight_takes_depends_on_their_prompts_and_the_seed_and_grows_with_the_weight()
    {
        var path = Write("a.jsonl", [.. Enumerable.Range(0, 200).Select(i => ($"p{i}", $"y{i}", "n"))]);
        HashSet<long> Taken(double weight, long seed) =>
            [.. Prepare([path], [], new SplitRule(0, seed, AllowLeak: false), weights: [weight]).Examples.Select(p => p.SourceRow)];

        Assert.Superset(Taken(0.3, 0), Taken(0.6, 0));
        Assert.NotEqual(Taken(0.3, 0), Taken(0.3, 1));
        Assert.Equal(Enumerable.Range(0, 200).Count(i => PromptHash.Copies($"p{i}", 0, 0.3) == 1), Taken(0.3, 0).Count);
    }

    [Fact]
    public void Shards_of_weighted_sources_account_for_every_row_once()
    {
        var path = Write("a.jsonl", [.. Enumerable.Range(0, 90).Select(i => ($"p{i / 3}", $"y{i}", "n"))]);
        var ledgers = Enumerable.Range(1, 3).Select(i => Prepare([path], [], shard: new Shard(i, 3), weights: [0.5]).Ledger).ToList();
        Assert.All(ledgers, ledger => Assert.Equal(90, ledger.KeptWhole + ledger.LeftOut + ledger.OtherShards));
        Assert.Equal(90, ledgers.Sum(ledger => ledger.KeptWhole + ledger.LeftOut));
        Assert.Equal(Prepare([path], [], weights: [0.5]).Ledger.LeftOut, ledgers.Sum(ledger => ledger.LeftOut));
    }

    [Fact]
    public void A_prompt_that_a_weight_leaves_out_is_no_leak()
    {
        var (data, eval) = (
            Write("a.jsonl", [.. Enumerable.Range(0, 50).Select(i => ($"p{i}", "y", "n"))]),
            Write("b.jsonl", ("p7", "y", "n")));
        var fraction = PromptHash.Copies("p7", 0, 0.5) == 1 ? 0.01 : 0.5;
        Assert.Equal(0, PromptHash.Copies("p7", 0, fraction));
        Assert.Equal(0, Prepare([data], [eval], weights: [fraction]).Ledger.LeakedEval);
        Assert.Throws<InvalidDataException>(() => Prepare([data], [eval]));
    }

    [Fact]
    public void Shards_part_the_rows_by_prompt_and_leave_none_out()
    {
        var rows = Enumerable.Range(0, 90).Select(i => ($"p{i / 3}", $"y{i}", "n")).ToArray();
        var path = Write("data.jsonl", rows);
        var shards = Enumerable.Range(1, 3).Select(i => Prepare([path], [], shard: new Shard(i, 3))).ToList();
        Assert.All(shards, s => Assert.Equal(90, s.Ledger.KeptWhole + s.Ledger.OtherShards));
        var byPrompt = shards.SelectMany((s, i) => s.Examples.Select(p => (Prompt: WordTokenizer.Decode(p.Tokens.Prompt), Shard: i)));
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

    static PreparedData Prepare(string[] data, string[] eval, SplitRule? rule = null, Shard? shard = null, double[]? weights = null)
    {
        var encoder = new ExampleEncoder(WordTokenizer.EncodeWithBos, WordTokenizer.Continue, WordTokenizer.Eos, maxLength: 20);
        var sources = DataSource.FromPaths([.. data, .. eval]);
        var settings = new DataSettings
        {
            Files = [.. sources.Take(data.Length).Select((source, i) => source with { Weight = weights?[i] ?? 1 })],
            EvalFiles = [.. sources.Skip(data.Length)],
            Split = rule ?? SplitRule.None,
        };
        return ExamplePreparation.Prepare(RowKind.Pair, settings, encoder, shard ?? Shard.Whole);
    }

    string Write(string name, params (string Prompt, string Chosen, string Rejected)[] rows) =>
        folder.Write(name, string.Join('\n', rows.Select(r => System.Text.Json.JsonSerializer.Serialize(
            new Dictionary<string, string> { ["prompt"] = r.Prompt, ["chosen"] = r.Chosen, ["rejected"] = r.Rejected }))));
}
