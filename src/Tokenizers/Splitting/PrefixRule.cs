namespace OrtDpo.Tokenizers.Splitting;

/// <summary>Which texts a pre-tokenizer prefixes.</summary>
enum PrefixScheme
{
    Never,

    /// <summary>Only the text's beginning, not what follows an added token.</summary>
    First,

    Always,
}

/// <summary>What a pre-tokenizer does to a text between added tokens before it splits it.</summary>
/// <param name="Space">What stands for a space, or null.</param>
/// <param name="Prefix">What is put before a text that does not begin with it.</param>
/// <param name="Scheme">Before which texts.</param>
sealed record PrefixRule(char? Space, char Prefix, PrefixScheme Scheme)
{
    public static readonly PrefixRule None = new(null, ' ', PrefixScheme.Never);

    /// <summary>The rule applied to <paramref name="text"/>; <paramref name="first"/> says whether it begins the whole text.</summary>
    public string Apply(string text, bool first)
    {
        var replaced = Space is { } space ? text.Replace(' ', space) : text;
        var wanted = Scheme == PrefixScheme.Always || (Scheme == PrefixScheme.First && first);
        return wanted && !replaced.StartsWith(Prefix) ? Prefix + replaced : replaced;
    }
}
