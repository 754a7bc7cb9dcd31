using OrtDpo.Batches;
using OrtDpo.Data.Cache;

namespace OrtDpo.Data.Tests.Cache;

public sealed class CacheAuditTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_whole_cache_has_no_faults()
    {
        new CacheRun().Write(folder.Path);
        var audit = CacheAudit.Of(folder.Path);
        Assert.Empty(audit.Faults);
        Assert.Empty(audit.Notes);
        Assert.Equal((1, 30), (audit.Shards.Count, audit.Rows));
    }

    [Fact]
    public void A_flipped_byte_in_part_manifest_or_ledger_is_found_wherever_it_is() => FlipBytes(stride: 41, 0x01, 0x20);

    [Fact]
    [Trait("Speed", "long")]
    public void Every_flipped_byte_of_part_manifest_and_ledger_is_found() => FlipBytes(stride: 1, 0x01, 0x20, 0xFF);

    void FlipBytes(int stride, params byte[] masks)
    {
        new CacheRun { Rows = CacheRun.Pairs(4) }.Write(folder.Path);
        foreach (var name in (string[])["part-1of1-00000.parquet", "manifest-1of1.json", "ledger.json"])
        {
            var path = folder.File(name);
            var bytes = File.ReadAllBytes(path);
            for (var i = 0; i < bytes.Length; i += stride)
            {
                foreach (var mask in masks)
                {
                    bytes[i] ^= mask;
                    File.WriteAllBytes(path, bytes);
                    Assert.Contains(CacheAudit.Of(folder.Path).Faults, fault => fault.Contains(name, StringComparison.Ordinal));
                    bytes[i] ^= mask;
                }
            }

            File.WriteAllBytes(path, bytes);
        }

        Assert.Empty(CacheAudit.Of(folder.Path).Faults);
    }

    [Fact]
    public void All_faults_are_named_at_once_and_strangers_noted()
    {
        new CacheRun().Write(folder.Path);
        File.WriteAllBytes(folder.File("part-1of1-00000.parquet"), File.ReadAllBytes(folder.File("part-1of1-00000.parquet"))[..^7]);
        File.Delete(folder.File("part-1of1-00001.parquet"));
        File.Delete(folder.File("ledger.json"));
        folder.Write("part-1of1-00002.parquet.tmp", "torn");
        folder.Write("part-2of2-00000.parquet", "left behind");
        var audit = CacheAudit.Of(folder.Path);
        Assert.Collection(
            audit.Faults,
            fault => Assert.Contains("ledger.json is missing", fault, StringComparison.Ordinal),
            fault => Assert.Contains("part-1of1-00000.parquet is damaged", fault, StringComparison.Ordinal),
            fault => Assert.Contains("part-1of1-00001.parquet is missing", fault, StringComparison.Ordinal));
        Assert.Equal(2, audit.Notes.Count);
    }

    [Fact]
    public void Missing_and_mixed_shards_are_named()
    {
        Shards(2).ForEach(shard => shard.Write(folder.Path));
        Assert.Empty(CacheAudit.Of(folder.Path).Faults);
        File.Move(folder.File("manifest-2of2.json"), folder.File("aside"));
        Assert.Contains("lacks shards 2of2", Fault(), StringComparison.Ordinal);

        File.Copy(folder.File("manifest-1of2.json"), folder.File("manifest-2of2.json"));
        Assert.Contains(
            CacheAudit.Of(folder.Path).Faults,
            fault => fault.Contains("manifest-2of2.json is the manifest of shard 1of2", StringComparison.Ordinal));
        File.Move(folder.File("aside"), folder.File("manifest-2of2.json"), overwrite: true);

        new CacheRun().Write(folder.File("other"));
        CopyInto(folder.Path, folder.File("other"));
        Assert.Contains(
            CacheAudit.Of(folder.Path).Faults,
            fault => fault.Contains("shard 1of2 was made of 2 shards and not of 1", StringComparison.Ordinal));
    }

    public static TheoryData<string, string> OtherShards => new()
    {
        { "reference", "with reference eeeeeeeeeeee… and not aaaaaaaaaaaa…" },
        { "tokenizer", "with tokenizer eeeeeeeeeeee… and not bbbbbbbbbbbb…" },
        { "data", "from data eeeeeeeeeeee… and not dddddddddddd…" },
        { "kernels", "nats apart, and not at most 0.0002" },
    };

    [Theory]
    [MemberData(nameof(OtherShards))]
    public void Two_shards_that_do_not_belong_together_are_refused_with_both_values(string what, string expected)
    {
        var e = new string('e', 64);
        var shards = Shards(2);
        shards[0].Write(folder.Path);
        var second = shards[1];
        var other = new CacheRun
        {
            Shard = second.Shard,
            Rows = second.Rows,
            Made = what switch
            {
                "reference" => CacheRun.Identity with { ReferenceDigest = e },
                "tokenizer" => CacheRun.Identity with { TokenizerDigest = e },
                _ => CacheRun.Identity,
            },
            DataDigest = what == "data" ? e : second.DataDigest,
            Scorer = what == "kernels" ? batch => [.. CacheRun.Score(batch).Select(logp => logp * 1.01f)] : CacheRun.Score,
        };
        other.Write(folder.File("other"));
        CopyInto(folder.Path, folder.File("other"));
        Assert.Contains(expected, Fault(), StringComparison.Ordinal);
        Assert.Contains(
            expected, Assert.Throws<InvalidDataException>(() => ReferenceCache.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_scored_again_by_the_same_scorer_lies_within_rounding_and_by_another_one_is_named()
    {
        new CacheRun().Write(folder.Path);
        var cache = ReferenceCache.Open(folder.Path);
        var same = Rescoring.Measure(cache, sample: 12, new FakeScorer(CacheRun.Score));
        Assert.Equal((12, 0.0, 0f), (same.Pairs, same.Token.Distance, same.ProbeDistance));
        Assert.Empty(same.Faults);

        // 0.0008 nats a token: beyond a token's bound; the longest completions here have 9 tokens, 0.0072 against 0.00109.
        var other = Rescoring.Measure(cache, sample: 100, new FakeScorer(Shifted));
        Assert.Equal(26, other.Pairs);
        AssertClose(0.0008, other.Token.Distance, Tolerances.Float32);
        AssertClose(0.0072, other.Sequence.Distance, Tolerances.Float32);
        Assert.Equal(3, other.Faults.Count);

        static float[] Shifted(PackedBatch batch) => [.. CacheRun.Score(batch).Select(logp => logp - 0.0008f)];
    }

    static List<CacheRun> Shards(int count) => [.. Enumerable.Range(1, count).Select(i =>
        new CacheRun { Shard = new Shard(i, count), Rows = [.. CacheRun.Pairs(30).Where((_, n) => n / 7 % count == i - 1)] })];

    static void CopyInto(string target, string from)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*of*"))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        }

        File.Copy(
            Directory.EnumerateFiles(from, "ledger*").First(),
            Path.Combine(target, Path.GetFileName(Directory.EnumerateFiles(from, "ledger*").First())),
            overwrite: true);
    }

    string Fault() => Assert.Single(CacheAudit.Of(folder.Path).Faults);
}
