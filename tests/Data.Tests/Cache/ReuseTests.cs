using OrtDpo.Batches;
using OrtDpo.Data.Cache;

namespace OrtDpo.Data.Tests.Cache;

public sealed class ReuseTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_extended_filtered_and_reordered_data_set_scores_only_its_new_rows()
    {
        new CacheRun { Rows = CacheRun.Pairs(30) }.Write(folder.File("old"));
        var rows = CacheRun.Pairs(40).Where(row => row.SourceRow % 3 != 0)
            .Reverse().Select(row => row with { Source = "other.jsonl" }).ToList();
        var scored = new List<string>();
        new CacheRun { Rows = rows, Reuse = [folder.File("old")], Scorer = Noting(scored) }.Write(folder.File("new"));

        // Every seventh row has the tokens of the one before it.
        var old = Keys(CacheRun.Pairs(30));
        var expected = Keys(rows).Except(old).ToList();
        Assert.Equal(expected.Order(), scored.Order());
        Assert.Equal(rows.Select(row => row.SourceRow).Order(), ReferenceCache.Open(folder.File("new")).Rows.Select(row => row.SourceRow));

        var manifest = CacheManifest.Read(folder.File("new/manifest-1of1.json"));
        var reused = Assert.Single(manifest.Reused);
        Assert.Equal(Keys(rows).Count(old.Contains), reused.Pairs);
        Assert.Equal((reused.Pairs, 0f), (manifest.Plan.Reused, reused.ProbeDistance));
        Assert.Equal(OrtDpo.Runs.FileDigest.OfFile(folder.File("old/manifest-1of1.json")), reused.ManifestSha256);
    }

    [Fact]
    public void Reused_rows_are_those_that_scoring_gives()
    {
        new CacheRun { Rows = [.. CacheRun.Pairs(40).Where(row => row.SourceRow % 2 == 0)] }.Write(folder.File("even"));
        new CacheRun { Rows = [.. CacheRun.Pairs(40).Where(row => row.SourceRow % 3 == 0)] }.Write(folder.File("third"));
        new CacheRun { Rows = CacheRun.Pairs(40), Reuse = [folder.File("even"), folder.File("third")] }.Write(folder.File("new"));
        new CacheRun { Rows = CacheRun.Pairs(40) }.Write(folder.File("fresh"));
        Assert.Equal(Facts("fresh"), Facts("new"));

        IEnumerable<string> Facts(string name) => ReferenceCache.Open(folder.File(name)).Rows.Select(row =>
            $"{row.SourceRow} {row.RowKey} {row.Split} {row.Reference[0].Sum} "
            + $"{row.Reference[1].Sum} {string.Join(' ', row.Reference[0].Tokens)}");
    }

    [Fact]
    public void A_reusing_run_that_died_while_scoring_continues_to_the_same_bytes()
    {
        new CacheRun { Rows = CacheRun.Pairs(20) }.Write(folder.File("old"));
        var run = new CacheRun { Rows = CacheRun.Pairs(45), Reuse = [folder.File("old")] };
        run.Write(folder.File("whole"));
        for (var dying = 2; dying < 7; dying += 2)
        {
            var path = folder.File($"killed-{dying}");
            var calls = 0;
            Assert.Throws<TimeoutException>(() => new CacheRun
            {
                Rows = run.Rows, Reuse = run.Reuse,
                Scorer = batch => ++calls == dying ? throw new TimeoutException() : CacheRun.Score(batch),
            }.Write(path));
            run.Write(path);
            Assert.Equal(CacheRun.Bytes(folder.File("whole")), CacheRun.Bytes(path));
        }
    }

    [Fact]
    public void A_cache_of_another_contract_is_refused_with_both_values_and_one_of_another_template_is_not()
    {
        var e = new string('e', 64);
        new CacheRun { Made = CacheRun.Identity with { ReferenceDigest = e } }.Write(folder.File("weights"));
        new CacheRun { Made = CacheRun.Identity with { Dtype = "fp16" } }.Write(folder.File("dtype"));
        new CacheRun { Made = CacheRun.Identity with { ScoringVersion = 9 } }.Write(folder.File("version"));
        new CacheRun { Made = CacheRun.Identity with { TemplateDigest = e, MaxLength = 32 } }.Write(folder.File("template"));
        Assert.Contains("with reference eeeeeeeeeeee… and not aaaaaaaaaaaa…", Refused("weights"), StringComparison.Ordinal);
        Assert.Contains("with dtype fp16 and not fp32", Refused("dtype"), StringComparison.Ordinal);
        Assert.Contains("with scoring version 9 and not 1", Refused("version"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("new")));
        new CacheRun { Reuse = [folder.File("template")] }.Write(folder.File("new"));
    }

    [Fact]
    public void Other_weights_or_kernels_behind_the_same_digest_are_refused_by_the_probe()
    {
        new CacheRun { Scorer = batch => [.. CacheRun.Score(batch).Select(logp => logp * 1.01f)] }.Write(folder.File("old"));
        Assert.Contains("scores fixed tokens up to", Refused("old"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_part_of_an_older_cache_is_refused_by_name()
    {
        new CacheRun().Write(folder.File("old"));
        File.WriteAllBytes(folder.File("old/part-1of1-00001.parquet"), [1, 2, 3]);
        Assert.Contains("part-1of1-00001.parquet is damaged", Refused("old"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reusing_run_is_not_continued_without_its_older_cache_nor_after_that_has_changed()
    {
        var old = new CacheRun { Rows = CacheRun.Pairs(20) };
        old.Write(folder.File("old"));
        var calls = 0;
        var killed = new CacheRun
        {
            Rows = CacheRun.Pairs(45), Reuse = [folder.File("old")],
            Scorer = batch => ++calls == 4 ? throw new TimeoutException() : CacheRun.Score(batch),
        };
        Assert.Throws<TimeoutException>(() => killed.Write(folder.File("new")));
        var without = Assert.Throws<InvalidDataException>(() => new CacheRun { Rows = killed.Rows }.Write(folder.File("new"))).Message;
        Assert.Contains("with 18 pairs of older caches (`Reuse`) and not 0", without, StringComparison.Ordinal);

        new CacheRun { Rows = old.Rows, DataDigest = new string('9', 64) }.Write(folder.File("old"));
        var changed = Assert.Throws<InvalidDataException>(() =>
            new CacheRun { Rows = killed.Rows, Reuse = killed.Reuse }.Write(folder.File("new"))).Message;
        Assert.Contains("begun with other older caches", changed, StringComparison.Ordinal);
    }

    string Refused(string old) =>
        Assert.Throws<InvalidDataException>(() => new CacheRun { Reuse = [folder.File(old)] }.Write(folder.File("new"))).Message;

    static HashSet<string> Keys(IEnumerable<PreparedExample> rows) => [.. rows.Select(row => Key(row.Tokens))];

    static string Key(Example tokens) => RowKey.Of(CacheRun.Identity.ContractDigest, tokens);

    // The probe is the first call; what a batch holds is taken from its own arrays.
    static Func<PackedBatch, float[]> Noting(List<string> scored)
    {
        var isProbe = true;
        return batch =>
        {
            if (!isProbe)
            {
                var segments = batch.SegmentIds.Max() / PackedBatch.SegmentStride;
                for (var pair = 0L; pair <= segments * PackedBatch.SegmentStride; pair += PackedBatch.SegmentStride)
                {
                    scored.Add(Key(Example.Pair(Segment(batch, pair), Segment(batch, pair + 1), Segment(batch, pair + 2))));
                }
            }

            isProbe = false;
            return CacheRun.Score(batch);
        };
    }

    static int[] Segment(PackedBatch batch, long segment) =>
        [.. Enumerable.Range(0, batch.InputIds.Length).Where(i => batch.SegmentIds[i] == segment).Select(i => (int)batch.InputIds[i])];
}
