namespace Microsoft.ML.Tokenizers;

/// <summary>Splits a normalized text into the pieces that are encoded one by one.</summary>
public abstract class PreTokenizer
{
    protected PreTokenizer()
    {
    }

    /// <summary>The pieces of <paramref name="text"/>, in order, in UTF-16 units.</summary>
    public abstract IEnumerable<(int Offset, int Length)> PreTokenize(string text);

    /// <inheritdoc cref="PreTokenize(string)"/>
    public abstract IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text);
}
