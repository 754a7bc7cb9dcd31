namespace Microsoft.ML.Tokenizers;

/// <summary>How to encode.</summary>
public struct EncodeSettings
{
    public EncodeSettings()
    {
        MaxTokenCount = int.MaxValue;
    }

    /// <summary>Whether the normalizer runs.</summary>
    public bool ConsiderNormalization { get; set; }

    /// <summary>Whether the pre-tokenizer runs.</summary>
    public bool ConsiderPreTokenization { get; set; }

    /// <summary>The most tokens to return.</summary>
    public int MaxTokenCount { get; set; }
}
