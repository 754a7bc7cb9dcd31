using System.Globalization;
using OrtDpo.Core.Text.AddedTokens;
using OrtDpo.Core.Text.Bpe;

namespace OrtDpo.Core.Text.Loading;

/// <summary>Reads added tokens, and brings the lists of several files together.</summary>
static class AddedTokenReader
{
    /// <summary>The list in tokenizer.json.</summary>
    public static IEnumerable<AddedToken> ReadList(JsonPart? list) => list?.Items().Select(item => Read(item, item.Number("id"))) ?? [];

    /// <summary>The table from ids in tokenizer_config.json.</summary>
    public static IEnumerable<AddedToken> ReadTable(JsonPart? table) => table?.Members().Select(member => Read(
        member.Value,
        int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new InvalidDataException($"{member.Value.Where} stands under '{member.Name}', where an id is expected."))) ?? [];

    /// <summary>Those of <paramref name="overriding"/> where both lists have a token, sorted by id.</summary>
    /// <exception cref="InvalidDataException">A token's id is another one's.</exception>
    public static IReadOnlyList<AddedToken> Join(
        IEnumerable<AddedToken> tokens, IEnumerable<AddedToken> overriding, Vocabulary vocabulary, string source)
    {
        var byContent = new Dictionary<string, AddedToken>();
        foreach (var token in tokens.Concat(overriding))
        {
            byContent[token.Content] = token;
        }

        var byId = new Dictionary<int, AddedToken>();
        foreach (var token in byContent.Values)
        {
            var known = vocabulary.Id(token.Content);
            if ((known >= 0 && known != token.Id) || !byId.TryAdd(token.Id, token)
                || (known < 0 && vocabulary.Token(token.Id) is not null))
            {
                throw new InvalidDataException(
                    $"{source}: the added token '{token.Content}' has id {token.Id}, but the vocabulary or another added token says " +
                    "otherwise. Each token has an id of its own.");
            }
        }

        return [.. byId.Values.OrderBy(t => t.Id)];
    }

    static AddedToken Read(JsonPart part, int id)
    {
        var special = part.Flag("special", false);
        return new AddedToken(
            id,
            part.Text("content"),
            special,
            Normalized: part.Flag("normalized", !special),
            SingleWord: part.Flag("single_word", false),
            LeftStrip: part.Flag("lstrip", false),
            RightStrip: part.Flag("rstrip", false));
    }
}
