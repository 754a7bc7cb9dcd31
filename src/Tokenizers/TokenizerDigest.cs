using System.Security.Cryptography;
using System.Text;

namespace OrtDpo.Tokenizers;

/// <summary>Identity of a tokenizer: everything that changes ids, and nothing else.</summary>
static class TokenizerDigest
{
    /// <summary>Hex SHA-256 of the definition, the ids put before a text and the one that ends a completion.</summary>
    public static string Of(TokenizerDefinition definition, IReadOnlyList<int> leadingIds, int? eosId)
    {
        var model = definition.Model;
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write("ortdpo-tokenizer-1");
        writer.Write(definition.Rules);
        writer.Write(model.ByteFallback);
        writer.Write(model.IgnoreMerges);
        writer.Write(model.FuseUnknown);
        writer.Write(model.UnknownId ?? -1);
        writer.Write(eosId ?? -1);
        writer.Write(leadingIds.Count);
        foreach (var id in leadingIds)
        {
            writer.Write(id);
        }

        writer.Write(model.Vocabulary.Count);
        for (var id = 0; id < model.Vocabulary.Size; id++)
        {
            if (model.Vocabulary.Token(id) is { } token)
            {
                writer.Write(id);
                writer.Write(token);
            }
        }

        foreach (var (left, right, rank, id) in model.Merges.All)
        {
            writer.Write(left);
            writer.Write(right);
            writer.Write(rank);
            writer.Write(id);
        }

        foreach (var token in definition.AddedTokens)
        {
            writer.Write(token.Id);
            writer.Write(token.Content);
            writer.Write(token.Normalized);
            writer.Write(token.SingleWord);
            writer.Write(token.LeftStrip);
            writer.Write(token.RightStrip);
        }

        // Behind the rest and only where there are any: what has none keeps the digest that it always had.
        if (model.ContinuingPrefix is not null || model.WordSuffix is not null)
        {
            writer.Write(model.ContinuingPrefix ?? "");
            writer.Write(model.WordSuffix ?? "");
        }

        writer.Flush();
        return Convert.ToHexStringLower(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
    }
}
