using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace OrtDpo.Data.Tests;

public sealed class PromptHashTests
{
    [Theory]
    [InlineData("", 0, 0.1)]
    [InlineData("Once upon a time", 0, 0.5)]
    [InlineData("Once upon a time", -1, 0.5)]
    [InlineData("Grüße 😀", 1234567890123, 0.3)]
    public void The_split_is_the_documented_comparison_of_integers(string prompt, long seed, double fraction)
    {
        // hash / 2^64 < f, multiplied out in whole numbers: a double is m · 2^-60 exactly for these fractions after scaling by 2^60 more.
        byte[] seedBytes = [.. Enumerable.Range(0, 8).Select(i => (byte)(seed >> (8 * i)))];
        var digest = SHA256.HashData([.. seedBytes, .. Encoding.UTF8.GetBytes(prompt)]);
        var hash = new BigInteger(digest.AsSpan(0, 8), isUnsigned: true, isBigEndian: true);
        var scaled = new BigInteger(Math.ScaleB(fraction, 60));
        var expected = hash * BigInteger.Pow(2, 60) < scaled * BigInteger.Pow(2, 64) ? Split.Eval : Split.Train;
        Assert.Equal(expected, PromptHash.SplitOf(prompt, seed, fraction));
    }

    [Theory]
    [InlineData("", 0, 0.25)]
    [InlineData("Once upon a time", 7, 1.5)]
    [InlineData("Grüße 😀", -3, 2.75)]
    public void The_copies_of_a_row_are_the_documented_comparison_of_integers(string prompt, long seed, double weight)
    {
        byte[] seedBytes = [.. Enumerable.Range(0, 8).Select(i => (byte)(seed >> (8 * i)))];
        var digest = SHA256.HashData([.. "ortdpo-sample-1\0"u8, .. seedBytes, .. Encoding.UTF8.GetBytes(prompt)]);
        var hash = new BigInteger(digest.AsSpan(0, 8), isUnsigned: true, isBigEndian: true);
        // Quarters: hash / 2^64 < fraction is 4 hash < (4 fraction) 2^64, in whole numbers.
        var whole = (int)weight;
        var quarters = (int)(4 * (weight - whole));
        Assert.Equal(whole + (4 * hash < quarters * BigInteger.Pow(2, 64) ? 1 : 0), PromptHash.Copies(prompt, seed, weight));
    }

    [Fact]
    public void The_limits_hold_out_nothing_and_everything()
    {
        var prompts = Enumerable.Range(0, 200).Select(i => $"prompt {i}").ToList();
        Assert.All(prompts, p => Assert.Equal(Split.Train, PromptHash.SplitOf(p, 0, 0)));
        Assert.All(prompts, p => Assert.Equal(Split.Eval, PromptHash.SplitOf(p, 0, 1)));
    }

    [Theory]
    [InlineData("0/3")]
    [InlineData("4/3")]
    [InlineData("1")]
    [InlineData("/3")]
    [InlineData("1/ 3")]
    [InlineData("-1/3")]
    public void A_text_that_is_no_shard_is_refused(string text) => Assert.Throws<ArgumentException>(() => Shard.Parse(text));

    [Fact]
    public void Files_are_named_by_as_few_folders_as_tell_them_apart()
    {
        Assert.Equal(["a.jsonl", "b.jsonl"], DataSource.FromPaths(["/x/a.jsonl", "/x/b.jsonl"]).Select(d => d.Name));
        Assert.Equal(["x/a.jsonl", "y/a.jsonl"], DataSource.FromPaths(["/x/a.jsonl", "/y/a.jsonl"]).Select(d => d.Name));
        Assert.Throws<ArgumentException>(() => DataSource.FromPaths(["/x/a.jsonl", "/x/../x/a.jsonl"]));
    }
}
