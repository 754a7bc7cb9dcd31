using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrtDpo.Tokenizers;

/// <summary>
/// The tokens at which a generation stops, and which therefore end a completion: the tokenizer's end-of-sequence token, which stands first,
/// and those that <c>generation_config.json</c> and <c>config.json</c> add.
/// </summary>
public sealed class EndTokens
{
    // How they are written; a token that is part of a character has no text of its own.
    readonly string[] texts;

    /// <summary>End tokens.</summary>
    /// <param name="ids">Their ids, the tokenizer's own first.</param>
    /// <param name="texts">How they are written, as far as they are text.</param>
    public EndTokens(IReadOnlyList<int> ids, IReadOnlyList<string> texts)
    {
        Ids = ids;
        this.texts = [.. texts.Where(text => text.Length > 0)];
    }

    /// <summary>
    /// Their ids; the first is the one that is put behind a completion that none of them ends. Empty where there is none.
    /// </summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>
    /// Hex SHA-256 of the text <c>ortdpo-end-ids-1</c> and the ids in ascending order, each behind a space; null where there is one at
    /// most, since the tokenizer's own digest has that.
    /// </summary>
    public string? Digest => Ids.Count < 2
        ? null
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            "ortdpo-end-ids-1" + string.Concat(Ids.Order().Select(id => string.Create(CultureInfo.InvariantCulture, $" {id}"))))));

    /// <summary>A token that is no text to anybody; null: none.</summary>
    public static EndTokens Of(int? id) => new(id is { } only ? [only] : [], []);

    /// <summary>
    /// <paramref name="text"/> without the white space behind the token that ends it, which the model never writes; as it is where none
    /// ends it.
    /// </summary>
    public string WithoutSpaceBehind(string text)
    {
        // Not only what is left of the text without its white space: a line feed may be an end itself.
        for (var length = text.AsSpan().TrimEnd().Length; length <= text.Length; length++)
        {
            if (EndsAt(text.AsSpan(0, length)))
            {
                return text[..length];
            }
        }

        return text;
    }

    bool EndsAt(ReadOnlySpan<char> text)
    {
        foreach (var end in texts)
        {
            if (text.EndsWith(end, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
