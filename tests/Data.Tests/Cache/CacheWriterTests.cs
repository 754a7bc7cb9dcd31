using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Cache;

public sealed class CacheWriterTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Two_runs_write_the_same_bytes_whatever_the_order_of_the_data()
    {
        new CacheRun().Write(folder.File("a"));
        new CacheRun { Rows = [.. CacheRun.Pairs(30).Reverse()] }.Write(folder.File("b"));
        Assert.Equal(CacheRun.Bytes(folder.File("a")), CacheRun.Bytes(folder.File("b")));
    }

    [Fact]
    public void A_complete_cache_is_left_as_it_is_and_nothing_is_scored()
    {
        new CacheRun().Write(folder.Path);
        var before = CacheRun.Bytes(folder.Path);
        new CacheRun
        {
            Scorer = _ => throw new InvalidOperationException("Nothing is to be scored."),
            On = CacheRun.Environment with { Threads = 9 },
        }.Write(folder.Path);
        Assert.Equal(before, CacheRun.Bytes(folder.Path));
    }

    [Fact]
    public void A_damaged_or_missing_part_alone_is_made_anew_with_the_same_bytes()
    {
        new CacheRun().Write(folder.Path);
        var before = CacheRun.Bytes(folder.Path);
        File.WriteAllBytes(folder.File("part-1of1-00001.parquet"), [1, 2, 3]);
        File.Delete(folder.File("part-1of1-00002.parquet"));
        var batches = 0;
        new CacheRun { Scorer = Counting }.Write(folder.Path);
        Assert.Equal(before, CacheRun.Bytes(folder.Path));
        // Two parts of two batches, and the probe.
        Assert.Equal(5, batches);

        float[] Counting(PackedBatch batch)
        {
            batches++;
            return CacheRun.Score(batch);
        }
    }

    [Fact]
    public void A_second_writer_of_the_same_shard_is_refused_and_one_of_another_shard_is_not()
    {
        var run = new CacheRun { Shard = new Shard(1, 2) };
        using (run.Begin(folder.Path))
        {
            var e = Assert.Throws<IOException>(() => run.Begin(folder.Path));
            Assert.Contains("is being written by another run", e.Message, StringComparison.Ordinal);
            new CacheRun { Shard = new Shard(2, 2) }.Begin(folder.Path).Dispose();
        }

        run.Begin(folder.Path).Dispose();
    }

    public static TheoryData<string, string> OtherIdentities => new()
    {
        { "reference", "reference aaaaaaaaaaaa… and not eeeeeeeeeeee…" },
        { "tokenizer", "tokenizer bbbbbbbbbbbb… and not eeeeeeeeeeee…" },
        { "template", "chat template none and not eeeeeeeeeeee…" },
        { "length", "maximum length 64 and not 32" },
        { "dtype", "dtype fp32 and not fp16" },
    };

    [Theory]
    [MemberData(nameof(OtherIdentities))]
    public void A_folder_with_a_cache_of_another_identity_is_left_alone_and_the_difference_named(string what, string expected)
    {
        new CacheRun().Write(folder.Path);
        var before = CacheRun.Bytes(folder.Path);
        var e = new string('e', 64);
        var other = what switch
        {
            "reference" => CacheRun.Identity with { ReferenceDigest = e },
            "tokenizer" => CacheRun.Identity with { TokenizerDigest = e },
            "template" => CacheRun.Identity with { TemplateDigest = e },
            "length" => CacheRun.Identity with { MaxLength = 32 },
            _ => CacheRun.Identity with { Dtype = "fp16" },
        };
        Assert.Contains(expected, Refused(new CacheRun { Made = other }), StringComparison.Ordinal);
        Assert.Equal(before, CacheRun.Bytes(folder.Path));
    }

    [Fact]
    public void A_folder_with_a_cache_of_other_rows_splits_or_shards_is_refused()
    {
        new CacheRun().Write(folder.Path);
        Assert.Contains("other rows", Refused(new CacheRun { Rows = CacheRun.Pairs(29) }), StringComparison.Ordinal);
        Assert.Contains("in shards 1of1", Refused(new CacheRun { Shard = new Shard(1, 2) }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_not_continued_with_other_threads_nor_with_other_numbers()
    {
        var calls = 0;
        Assert.Throws<TimeoutException>(() => new CacheRun { Scorer = StopAtThird }.Write(folder.Path));
        Assert.Contains("on cpu and 2 threads, and this run has ONNX Runtime 1.29.0 on cpu and 3 threads", Refused(
            new CacheRun { On = CacheRun.Environment with { Threads = 3 } }), StringComparison.Ordinal);
        Assert.Contains(
            "nats apart", Refused(new CacheRun { Scorer = b => [.. CacheRun.Score(b).Select(l => l * 1.01f)] }), StringComparison.Ordinal);
        new CacheRun().Write(folder.Path);

        float[] StopAtThird(PackedBatch batch) => ++calls == 3 ? throw new TimeoutException() : CacheRun.Score(batch);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_score_that_is_not_finite_stops_the_run_and_names_the_row(float wrong)
    {
        var pairs = CacheRun.Pairs(1);
        var run = new CacheRun { Rows = pairs, Scorer = Wrong };
        Assert.Contains("data.jsonl:1: the reference scores token 0 of the rejected completion", Refused(run), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "part-*"));

        float[] Wrong(PackedBatch batch)
        {
            var scores = CacheRun.Score(batch);
            if (batch.Completions == 2)
            {
                scores[batch.CompletionWidth] = wrong;
            }

            return scores;
        }
    }

    string Refused(CacheRun run) => Assert.Throws<InvalidDataException>(() => run.Write(folder.Path)).Message;
}
