using OrtDpo.Batches;

namespace OrtDpo.Data.Tests;

public sealed class RowLimitTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheFirstRowsInTheSeedsOrderAreTrainedOn()
    {
        var ten = Prepare(new() { Files = Files(200), MaxRows = 10 });
        var fifty = Prepare(new() { Files = Files(200), MaxRows = 50 });

        Assert.Equal((10, 190, 200), (ten.Ledger.Train, ten.Ledger.BeyondMaxRows, ten.Ledger.Input));
        // More rows are those rows and others.
        Assert.Subset(Rows(fifty).ToHashSet(), Rows(ten).ToHashSet());
        var other = Prepare(new() { Files = Files(200), MaxRows = 10, Split = new SplitRule(0, Seed: 1) });
        Assert.NotEqual(Rows(ten), Rows(other));
        Assert.Contains("max rows: the first 10 of 200 training rows, in the order of seed 0", LedgerText.Lines(ten.Ledger));
        // The order is that of the files: which rows are taken, and not how they are trained on.
        Assert.Equal(Rows(ten).Order(), Rows(ten));
    }

    [Fact]
    public void WhichRowsAreTakenDependsNotOnTheirOrder()
    {
        var files = Files(200);
        var forward = Prepare(new() { Files = files, MaxRows = 10 });
        File.WriteAllLines(files[0].Path, File.ReadAllLines(files[0].Path).Reverse());
        var backward = Prepare(new() { Files = files, MaxRows = 10 });

        Assert.Equal(Prompts(forward).Order(), Prompts(backward).Order());
    }

    // Several rows of a prompt, of which the bound takes some.
    [Fact]
    public void RowsOfAPromptAreOrderedByTheirCompletions()
    {
        string[] rows =
        [
            .. Enumerable.Range(0, 9).Select(i => $$"""{"prompt":"p","chosen":" {{new string('a', i + 1)}}","rejected":" b"}"""),
        ];
        string[] files = [folder.Write("a.jsonl", string.Join('\n', rows[..4])), folder.Write("b.jsonl", string.Join('\n', rows[4..]))];
        int[] Lengths(params string[] paths) => [.. Prepare(new() { Files = DataSource.FromPaths(paths), MaxRows = 3 })
            .Examples.Select(example => example.Tokens.Chosen.Length).Order()];

        Assert.Equal(Lengths(files[0], files[1]), Lengths(files[1], files[0]));
    }

    [Fact]
    public void RowsWithoutRoomDoNotCount()
    {
        var files = Files(20);
        File.AppendAllText(files[0].Path, string.Concat(Enumerable.Range(0, 20).Select(i =>
            $$"""{"prompt":"{{i}} {{new string('x', 60)}}","chosen":" a","rejected":" b"}""" + "\n")));
        var prepared = Prepare(new() { Files = files, MaxRows = 8 });

        Assert.Equal((8, 20), (prepared.Ledger.Train, prepared.Ledger.Limit!.Of));
    }

    [Fact]
    public void ShardsTogetherHoldTheRowsOfTheWhole()
    {
        var data = new DataSettings { Files = Files(200), MaxRows = 30 };
        var whole = Prepare(data);
        var shards = Enumerable.Range(1, 3).Select(i => Prepare(data, new Shard(i, 3))).ToList();

        Assert.Equal(Rows(whole), shards.SelectMany(Rows).Order());
        Assert.All(shards, shard => Assert.Equal(200, shard.Ledger.Train + shard.Ledger.BeyondMaxRows + shard.Ledger.OtherShards));
    }

    [Fact]
    public void HeldOutRowsAndRowsThatCannotBeUsedDoNotCount()
    {
        var files = Files(200);
        File.AppendAllText(files[0].Path, """{"prompt":"p","chosen":" ","rejected":" b"}""" + "\n");
        var data = new DataSettings { Files = files, Split = new SplitRule(0.25, Seed: 0) };
        var all = Prepare(data);
        var some = Prepare(data with { MaxRows = 20 });

        Assert.Equal((20, all.Ledger.Eval, 1), (some.Ledger.Train, some.Ledger.Eval, some.Ledger.Dropped));
        Assert.Equal(all.Ledger.Train, some.Ledger.Limit!.Of);
        Assert.Equal(Eval(all), Eval(some));

        static IEnumerable<long> Eval(PreparedData data) => data.Examples.Where(e => e.Split == Split.Eval).Select(e => e.SourceRow);
    }

    [Fact]
    public void ABoundThatBindsNothingIsSaid()
    {
        var prepared = Prepare(new() { Files = Files(5), MaxRows = 10 });

        Assert.Equal(5, prepared.Ledger.Train);
        Assert.Contains("max rows: all 5 training rows, which are no more than 10", LedgerText.Lines(prepared.Ledger));
    }

    [Fact]
    public void TheDigestOfTheDataNamesTheBound()
    {
        var data = new DataSettings { Files = Files(20) };
        var sources = Prepare(data).Ledger.Sources;

        Assert.NotEqual(DataDigest.Of(data, sources), DataDigest.Of(data with { MaxRows = 7 }, sources));
        Assert.NotEqual(DataDigest.Of(data with { MaxRows = 8 }, sources), DataDigest.Of(data with { MaxRows = 7 }, sources));
    }

    static IEnumerable<long> Rows(PreparedData data) => data.Examples.Select(example => example.SourceRow);

    static IEnumerable<int> Prompts(PreparedData data) => data.Examples.Select(example => example.Tokens.Prompt[^1]);

    // Every prompt has a character of its own, and two rows share each.
    IReadOnlyList<DataSource> Files(int rows) =>
        DataSource.FromPaths([folder.Write("pairs.jsonl", string.Concat(Enumerable.Range(0, rows).Select(i =>
            $$"""{"prompt":"p{{(char)('\u4e00' + (i / 2))}}","chosen":" a","rejected":" b"}""" + "\n")))]);

    static PreparedData Prepare(DataSettings data, Shard? shard = null) => ExamplePreparation.Prepare(
        RowKind.Pair, data, new ExampleEncoder(Letters, Letters, eosId: 1, maxLength: 50), shard ?? Shard.Whole);

    static int[] Letters(string text) => [.. text.Select(c => (int)c)];
}
