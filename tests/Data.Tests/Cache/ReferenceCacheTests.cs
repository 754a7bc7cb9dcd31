using System.Text.RegularExpressions;
using OrtDpo.Batches;
using OrtDpo.Data.Cache;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests.Cache;

public sealed class ReferenceCacheTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_row_comes_back_with_its_own_tokens_and_scores()
    {
        var run = new CacheRun();
        run.Write(folder.Path);
        var cache = ReferenceCache.Open(folder.Path);
        Assert.Equal(CacheRun.Identity, cache.Identity);
        Assert.Equal(run.Rows.Count, cache.Rows.Count);
        foreach (var (row, pair) in cache.Rows.Zip(run.Rows))
        {
            Assert.Equal((pair.Source, pair.SourceRow, pair.Split), (row.Source, row.SourceRow, row.Split));
            Assert.Equal(pair.Tokens.Prompt, row.Tokens.Prompt);
            Assert.Equal(pair.Tokens.Completions[0], row.Tokens.Completions[0]);
            Assert.Equal(pair.Tokens.Completions[1], row.Tokens.Completions[1]);
            Assert.Equal(RowKey.Of(cache.Identity.ContractDigest, pair.Tokens), row.RowKey);

            // Scored alone, without the neighbours of its batch.
            var alone = ExamplePacking.Pack([pair.Tokens]);
            var scores = CacheRun.Score(alone);
            Assert.Equal(scores[..pair.Tokens.Completions[0].Length], row.Reference[0].Tokens);
            Assert.Equal(scores.AsSpan(alone.CompletionWidth, pair.Tokens.Completions[1].Length).ToArray(), row.Reference[1].Tokens);
            Assert.Equal(row.Reference[0].Tokens.Sum(l => (double)l), row.Reference[0].Sum);
            Assert.Equal(row.Reference[1].Tokens.Sum(l => (double)l), row.Reference[1].Sum);
        }

        Assert.Equal(cache.Rows.Count(r => r.Split == Split.Eval), cache.RowsOf(Split.Eval).Count);
    }

    [Fact]
    public void Shards_in_one_folder_are_read_as_one_cache()
    {
        var rows = CacheRun.Pairs(30);
        var shards = Enumerable.Range(1, 3)
            .Select(i => new CacheRun { Shard = new Shard(i, 3), Rows = [.. rows.Where((_, n) => n % 3 == i - 1)] })
            .ToList();
        shards[2].Write(folder.Path);
        shards[0].Write(folder.Path);
        Assert.Contains("lacks shards 2of3", Refused(), StringComparison.Ordinal);
        shards[1].Write(folder.Path);
        Assert.Equal(rows.Select(r => r.SourceRow), ReferenceCache.Open(folder.Path).Rows.Select(r => r.SourceRow));
    }

    [Fact]
    public void A_flipped_byte_anywhere_in_a_part_is_refused_by_file_name()
    {
        new CacheRun().Write(folder.Path);
        var path = folder.File("part-1of1-00001.parquet");
        var bytes = File.ReadAllBytes(path);
        for (var i = 0; i < bytes.Length; i += 37)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            Assert.StartsWith($"{path} is damaged", Refused(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_truncated_part_and_a_manifest_of_another_shape_are_refused_by_file_name()
    {
        new CacheRun().Write(folder.Path);
        var path = folder.File("part-1of1-00000.parquet");
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^5]);
        Assert.StartsWith($"{path} is damaged", Refused(), StringComparison.Ordinal);
        File.WriteAllBytes(path, bytes);

        var manifest = folder.File("manifest-1of1.json");
        var text = File.ReadAllText(manifest);
        foreach (var wrong in (string[])[text[..^9], text.Replace("\"complete\"", "\"done\"", StringComparison.Ordinal), "null"])
        {
            File.WriteAllText(manifest, wrong);
            Assert.StartsWith(manifest, Refused(), StringComparison.Ordinal);
        }

        // JSON has no infinity, and yet a number that is read as one.
        File.WriteAllText(manifest, Regex.Replace(text, "(\"token_logps\": \\[\\s*)[^,]+", "${1}1e999"));
        Assert.StartsWith($"{manifest} is damaged or was edited", Refused(), StringComparison.Ordinal);
        File.WriteAllText(manifest, text.Replace("ortdpo-cache-1", "ortdpo-cache-9", StringComparison.Ordinal));
        Assert.Contains("'ortdpo-cache-9'", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_an_empty_one_and_a_missing_part_are_each_named()
    {
        Assert.Contains(
            "nope",
            Assert.Throws<DirectoryNotFoundException>(() => ReferenceCache.Open(folder.File("nope"))).Message, StringComparison.Ordinal);
        Assert.Contains("no reference cache", Refused(), StringComparison.Ordinal);
        new CacheRun().Write(folder.Path);
        File.Delete(folder.File("part-1of1-00001.parquet"));
        var e = Assert.Throws<FileNotFoundException>(() => ReferenceCache.Open(folder.Path));
        Assert.Contains("part-1of1-00001.parquet is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_with_another_tokenizer_template_or_fewer_positions_is_refused_by_what_differs()
    {
        var identity = CacheRun.Identity;
        identity.RequirePolicy("REF", ComputeDtype.Float32, identity.TokenizerDigest, EndTokens.Of(2), null, positions: 64);
        Assert.Equal(
            "REF was computed in bfloat16, and this run computes in float32. "
            + "Leave `Dtype` out, to compute as the cache was, or run precompute again.",
            Refused(identity with { Dtype = "bf16" }, ComputeDtype.Float32));
        Assert.Contains(
            "in 'fp8', and this run computes in bfloat16; this program knows float32 (fp32) or bfloat16 (bf16). Run precompute again.",
            Refused(identity with { Dtype = "fp8" }, ComputeDtype.BFloat16),
            StringComparison.Ordinal);
        Assert.Equal(
            "REF was computed by scoring version 0, and this program is version 1. Run precompute again.",
            Refused(identity with { ScoringVersion = 0 }, ComputeDtype.Float32));
        Assert.Contains(
            "tokenizer bbbbbbbbbbbb… and this model has tokenizer cccccccccccc…",
            Policy(new string('c', 64), null, 64), StringComparison.Ordinal);
        Assert.Contains(
            "chat template none and this run uses dddddddddddd…. Run precompute again.",
            Policy(identity.TokenizerDigest, new string('d', 64), 64), StringComparison.Ordinal);
        Assert.Contains(
            "cut at 64 tokens and this model has 63 positions",
            Policy(identity.TokenizerDigest, null, 63), StringComparison.Ordinal);

        static string Refused(CacheIdentity of, ComputeDtype dtype) => Assert.Throws<InvalidDataException>(
            () => of.RequirePolicy("REF", dtype, of.TokenizerDigest, EndTokens.Of(2), null, positions: 64)).Message;

        string Policy(string tokenizer, string? template, int positions) =>
            Assert.Throws<InvalidDataException>(
                () => identity.RequirePolicy("REF", ComputeDtype.Float32, tokenizer, EndTokens.Of(2), template, positions)).Message;
    }

    [Fact]
    public void A_policy_whose_template_is_not_the_cache_s_is_told_to_pass_the_one_that_precompute_had()
    {
        var identity = CacheRun.Identity with { TemplateDigest = new string('e', 64) };
        identity.RequirePolicy("REF", ComputeDtype.Float32, identity.TokenizerDigest, EndTokens.Of(2), new string('e', 64), positions: 64);
        var error = Assert.Throws<InvalidDataException>(
            () => identity.RequirePolicy(
                "REF", ComputeDtype.Float32, identity.TokenizerDigest, EndTokens.Of(2), new string('d', 64), positions: 64));
        Assert.Equal(
            "REF was made with chat template eeeeeeeeeeee… and this run uses dddddddddddd…. "
            + "Pass `ChatTemplate` with the file that precompute had, or run precompute again.",
            error.Message);
    }

    [Fact]
    public void How_far_numbers_of_an_unknown_type_may_lie_apart_is_not_known()
    {
        Assert.Same(LogpTolerance.Float32, CacheRun.Identity.Tolerance);
        Assert.Same(LogpTolerance.BFloat16, (CacheRun.Identity with { Dtype = "bf16" }).Tolerance);
        var error = Assert.Throws<NotSupportedException>(() => (CacheRun.Identity with { Dtype = "fp8" }).Tolerance);
        Assert.Equal(
            "The cache was computed in 'fp8', and this program knows float32 (fp32) or bfloat16 (bf16): how far its numbers may lie apart "
            + "is not known. Use the program that made it, or run precompute again.",
            error.Message);
    }

    [Fact]
    public void A_policy_that_stops_at_other_tokens_is_refused_and_both_are_named()
    {
        var own = CacheRun.Identity;
        var (more, most) = (new EndTokens([2, 9], []), new EndTokens([2, 9, 7], []));
        var widened = own with { EndIdsDigest = more.Digest };
        Require(widened, new EndTokens([9, 2], []));
        Assert.Equal(
            $"REF ends completions at the tokenizer's end-of-sequence token alone, and this model at the end-of-sequence ids "
            + $"{more.Digest![..12]}… (2, 9), as its generation_config.json or config.json has it. Run precompute again.",
            Refused(own, more));
        Assert.Contains(
            "this model at the tokenizer's end-of-sequence token alone,", Refused(widened, EndTokens.Of(2)), StringComparison.Ordinal);
        Assert.Contains(
            $"ids {more.Digest[..12]}…, and this model at the end-of-sequence ids {most.Digest![..12]}… (2, 9, 7)",
            Refused(widened, most), StringComparison.Ordinal);

        void Require(CacheIdentity identity, EndTokens ends) =>
            identity.RequirePolicy("REF", ComputeDtype.Float32, identity.TokenizerDigest, ends, null, positions: 64);

        string Refused(CacheIdentity identity, EndTokens ends) =>
            Assert.Throws<InvalidDataException>(() => Require(identity, ends)).Message;
    }

    string Refused() => Assert.Throws<InvalidDataException>(() => ReferenceCache.Open(folder.Path)).Message;
}
