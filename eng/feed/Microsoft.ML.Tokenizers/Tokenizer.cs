using System.Buffers;

namespace Microsoft.ML.Tokenizers;

/// <summary>Turns text into token ids and back.</summary>
public abstract partial class Tokenizer
{
    protected Tokenizer()
    {
    }

    /// <summary>What rewrites the text first; null where nothing does.</summary>
    public virtual Normalizer? Normalizer => null;

    /// <summary>What splits the text; null where nothing does.</summary>
    public virtual PreTokenizer? PreTokenizer => null;

    /// <summary>Encodes to tokens; every other encoding is derived from this one unless overridden.</summary>
    /// <param name="text">The text, or null when only <paramref name="textSpan"/> is at hand.</param>
    /// <param name="textSpan">The text when <paramref name="text"/> is null.</param>
    /// <param name="settings">How to encode.</param>
    protected abstract EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings);

    protected virtual EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var results = EncodeToTokens(text, textSpan, settings);
        var ids = new int[results.Tokens.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = results.Tokens[i].Id;
        }

        return new EncodeResults<int> { Tokens = ids, NormalizedText = results.NormalizedText, CharsConsumed = results.CharsConsumed };
    }

    protected virtual int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeToTokens(text, textSpan, settings).Tokens.Count;

    protected virtual int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        var most = settings.MaxTokenCount;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most, nameof(settings));
        settings.MaxTokenCount = fromEnd ? int.MaxValue : most;
        var results = EncodeToTokens(text, textSpan, settings);
        normalizedText = results.NormalizedText;
        tokenCount = Math.Min(results.Tokens.Count, most);
        if (!fromEnd)
        {
            return results.CharsConsumed;
        }

        var length = normalizedText?.Length ?? text?.Length ?? textSpan.Length;
        return tokenCount == 0 ? length : results.Tokens[results.Tokens.Count - tokenCount].Offset.Start.Value;
    }

    /// <summary>The text of <paramref name="ids"/>.</summary>
    /// <exception cref="InvalidOperationException">The ids hold something that the tokenizer cannot decode.</exception>
    public virtual string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var all = ids as IReadOnlyCollection<int> ?? [.. ids];
        for (var size = Math.Max(256, all.Count * 8); ; size *= 2)
        {
            var buffer = new char[size];
            var status = Decode(all, buffer, out _, out var written);
            if (status == OperationStatus.Done)
            {
                return new string(buffer, 0, written);
            }

            if (status != OperationStatus.DestinationTooSmall)
            {
                throw new InvalidOperationException($"The ids cannot be decoded: {status}.");
            }
        }
    }

    /// <summary>Writes the text of as many of <paramref name="ids"/> as fit into <paramref name="destination"/>.</summary>
    public abstract OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten);
}
