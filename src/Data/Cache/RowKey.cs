using System.Buffers.Binary;
using System.Security.Cryptography;
using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>The identity of a scored row: by it rows are found, never by their place.</summary>
public static class RowKey
{
    /// <summary>
    /// Hexadecimal SHA-256 of <c>ortdpo-row-1\0</c>, the contract digest's 32 bytes, then for the prompt and each completion a
    /// little-endian int32 count and little-endian int32 ids; a single completion is followed by a count of 0.
    /// </summary>
    /// <param name="contractDigest">The digest of a <see cref="CacheContract"/>, in hexadecimal digits.</param>
    /// <param name="tokens">The row; what is known of it has no part in its identity.</param>
    public static string Of(string contractDigest, Example tokens)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("ortdpo-row-1\0"u8);
        hash.AppendData(Convert.FromHexString(contractDigest));
        Append(hash, tokens.Prompt);
        foreach (var completion in tokens.Completions)
        {
            Append(hash, completion);
        }

        // As long as rows have had keys, each has had two lists behind its prompt.
        if (tokens.Completions.Count == 1)
        {
            Append(hash, []);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static void Append(IncrementalHash hash, int[] ids)
    {
        var bytes = new byte[sizeof(int) * (1 + ids.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, ids.Length);
        for (var i = 0; i < ids.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(int) * (1 + i)), ids[i]);
        }

        hash.AppendData(bytes);
    }
}
