namespace Microsoft.ML.Tokenizers;

/// <summary>One token of an encoded text.</summary>
public readonly struct EncodedToken(int id, string value, Range offset)
{
    /// <summary>The token's id in the vocabulary.</summary>
    public int Id { get; } = id;

    /// <summary>The token as it stands in the vocabulary.</summary>
    public string Value { get; } = value;

    /// <summary>Where the token lies in the normalized text, in UTF-16 units.</summary>
    public Range Offset { get; } = offset;
}
