using OrtDpo.Data.Cache;
using OrtDpo.Runs;

namespace OrtDpo.Data.Tests.Cache;

/// <summary>The names of held-out sets in caches and in runs on data: what depends on them, and what must not.</summary>
public sealed class NamedSetsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_cache_says_which_set_a_held_out_row_is_in_and_a_training_row_is_in_none()
    {
        Named("hard").Write(folder.Path);
        var cache = ReferenceCache.Open(folder.Path);
        Assert.Equal(6, cache.RowsOf(Split.Eval).Count);
        Assert.All(cache.RowsOf(Split.Eval), row => Assert.Equal("hard", cache.SetOf(row)));
        Assert.All(cache.RowsOf(Split.Train), row => Assert.Null(cache.SetOf(row)));
    }

    [Fact]
    public void A_cache_without_names_is_written_as_before_and_one_with_names_has_the_same_parts()
    {
        new CacheRun().Write(folder.File("plain"));
        Named("hard").Write(folder.File("named"));
        var (plain, named) = (CacheRun.Bytes(folder.File("plain")), CacheRun.Bytes(folder.File("named")));
        Assert.DoesNotContain("eval_sets", File.ReadAllText(folder.File("plain/manifest-1of1.json")), StringComparison.Ordinal);
        Assert.Equal(plain.Keys.Order(), named.Keys.Order());
        Assert.Equal(["manifest-1of1.json"], plain.Keys.Where(file => plain[file] != named[file]));
        Assert.NotEqual(ReferenceCache.DigestOf(folder.File("plain")), ReferenceCache.DigestOf(folder.File("named")));
    }

    [Fact]
    public void Other_names_for_the_sets_of_a_cache_score_nothing_again()
    {
        Named("hard").Write(folder.Path);
        var parts = Parts();
        new CacheRun
        {
            DataDigest = new string('e', 64),
            Sets = new() { ["data.jsonl"] = "easy" },
            Scorer = _ => throw new InvalidOperationException("Something is scored."),
        }.Write(folder.Path);
        Assert.Equal(parts, Parts());
        var cache = ReferenceCache.Open(folder.Path);
        Assert.Equal("easy", cache.SetOf(cache.RowsOf(Split.Eval)[0]));
        Assert.Empty(CacheAudit.Of(folder.Path).Faults);
    }

    [Fact]
    public void The_digest_of_data_depends_on_the_names_and_is_the_older_one_without()
    {
        var path = folder.Write("a.jsonl", "{}\n");
        var data = new DataSettings { Files = DataSource.FromPaths([path]) };
        LedgerSource source = new("a.jsonl", FileDigest.OfFile(path), 1);
        string Of(string? set) => DataDigest.Of(data, [source, source with { Name = "b.jsonl", Set = set }]);
        Assert.Equal(
            FileDigest.OfText($"ortdpo-data-1\nsplit 0 0\ntrain {source.Sha256} a.jsonl\neval {source.Sha256} b.jsonl\n"), Of(null));
        Assert.Equal(
            FileDigest.OfText($"ortdpo-data-1\nsplit 0 0\ntrain {source.Sha256} a.jsonl\neval {source.Sha256} b.jsonl\nset hard\n"),
            Of("hard"));
    }

    [Fact]
    public void A_run_on_data_reads_its_sets_from_its_ledger_and_refuses_others()
    {
        var path = folder.Write("data.jsonl", "one");
        var sources = DataSource.FromPaths([path]);
        var source = new LedgerSource("data.jsonl", FileDigest.OfFile(path), 30) { Set = "hard" };
        new RunData(CacheRun.Pairs(30), RunDataTests.Ledger([source])).Write(folder.File("run"));

        var found = RunData.Of(folder.File("run"));

        Assert.All(found.Rows, row => Assert.Equal(row.Split == Split.Eval ? "hard" : null, found.SetOf(row)));
        found.RequireSources("run", [sources[0] with { Set = "hard" }]);
        var refused = Assert.Throws<InvalidDataException>(() => found.RequireSources("run", sources));
        Assert.Contains("the data hard=data.jsonl, and this command has data.jsonl", refused.Message, StringComparison.Ordinal);
    }

    static CacheRun Named(string set) => new() { Sets = new() { ["data.jsonl"] = set } };

    Dictionary<string, string> Parts() => CacheRun.Bytes(folder.Path)
        .Where(file => file.Key.StartsWith("part-", StringComparison.Ordinal)).ToDictionary();
}
