namespace Microsoft.ML.Tokenizers;

/// <summary>Rewrites a text before it is split.</summary>
public abstract class Normalizer
{
    protected Normalizer()
    {
    }

    /// <summary>The normalized form of <paramref name="original"/>.</summary>
    public abstract string Normalize(string original);

    /// <inheritdoc cref="Normalize(string)"/>
    public abstract string Normalize(ReadOnlySpan<char> original);
}
