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
    /// <paramref name="text"/> up to the token that ends it, without what the model never writes behind that: white space, and another end
    /// token, as templates that write both have it (Phi-3's, an end of turn and an end of text). As it is where none ends it.
    /// </summary>
    public string UpToEnd(string text)
    {
        var (kept, last) = (text, (string?)null);
        // The same twice is no second end: three dots are no sentence that ends three times.
        while (End(last is null ? text : kept[..^last.Length]) is var (end, length) && end != last)
        {
            (kept, last) = (text[..length], end);
        }

        return kept;
    }

    // The end token that ends a text, and the text's length with it but for white space behind. Not only what is left of the text without
    // its white space: a line feed may be an end itself.
    (string End, int Length)? End(ReadOnlySpan<char> text)
    {
        for (var length = text.TrimEnd().Length; length <= text.Length; length++)
        {
            foreach (var end in texts)
            {
                if (text[..length].EndsWith(end, StringComparison.Ordinal))
                {
                    return (end, length);
                }
            }
        }

        return null;
    }
}
