using System.Security.Cryptography;
using System.Text;
using OrtDpo.Batches;
using OrtDpo.Data.Cache;

namespace OrtDpo.Data.Tests.Cache;

public sealed class RowKeyTests
{
    [Fact]
    public void The_key_is_the_hash_of_the_documented_bytes()
    {
        // ortdpo-row-1\0, 32 bytes of contract, then 2 ids 1 and 258, 1 id -1 (as two's complement), 1 id 65536.
        var contract = string.Concat(Enumerable.Range(0, 32).Select(i => $"{i:x2}"));
        byte[] bytes =
        [
            .. Encoding.ASCII.GetBytes("ortdpo-row-1"), 0,
            .. Enumerable.Range(0, 32).Select(i => (byte)i),
            2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0,
            1, 0, 0, 0, 255, 255, 255, 255,
            1, 0, 0, 0, 0, 0, 1, 0,
        ];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), RowKey.Of(contract, Example.Pair([1, 258], [-1], [65536])));
    }

    [Fact]
    public void Tokens_that_move_from_one_list_to_the_next_change_the_key()
    {
        var contract = CacheRun.Identity.ContractDigest;
        Assert.NotEqual(RowKey.Of(contract, Example.Pair([1, 2], [3], [4])), RowKey.Of(contract, Example.Pair([1], [2, 3], [4])));
    }

    [Fact]
    public void Every_part_of_the_contract_changes_its_digest()
    {
        var contract = CacheRun.Contract;
        var digests = new[]
        {
            contract.Digest(),
            (contract with { ReferenceDigest = new string('b', 64) }).Digest(),
            (contract with { ScoringVersion = 2 }).Digest(),
            (contract with { Dtype = "fp16" }).Digest(),
        };
        Assert.Equal(4, digests.Distinct().Count());
        Assert.All(digests, d => Assert.Equal(64, d.Length));
    }
}
