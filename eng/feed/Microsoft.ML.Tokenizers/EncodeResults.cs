namespace Microsoft.ML.Tokenizers;

/// <summary>What an encoding gave.</summary>
/// <typeparam name="T">Ids or tokens.</typeparam>
public struct EncodeResults<T>
{
    /// <summary>The ids or tokens.</summary>
    public IReadOnlyList<T> Tokens { get; set; }

    /// <summary>The normalized text; null where no normalization took place.</summary>
    public string? NormalizedText { get; set; }

    /// <summary>UTF-16 units of the normalized text that the tokens cover.</summary>
    public int CharsConsumed { get; set; }
}
