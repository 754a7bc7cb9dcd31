using System.Globalization;
using System.Text.Json;
using OrtDpo.Tokenizers.AddedTokens;
using OrtDpo.Tokenizers.Bpe;

namespace OrtDpo.Tokenizers.Loading;

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

    /// <summary>added_tokens.json: ids under the tokens' texts.</summary>
    public static IEnumerable<AddedToken> ReadIds(JsonPart? table, HashSet<string> special) => table?.Members().Select(member =>
        Plain(member.Value.Number(), member.Name, special.Contains(member.Name))) ?? [];

    /// <summary>A token that has a role, written as text or as an object with its flags; its id is unknown (−1).</summary>
    public static AddedToken ReadNamed(JsonPart token) => token.Element.ValueKind == JsonValueKind.Object
        ? Read(token, -1) with { Special = true, Normalized = token.Flag("normalized", false) }
        : Plain(-1, token.Text(), special: true);

    /// <summary>
    /// All added tokens, sorted by id: those of a tokenizer's own file (<paramref name="own"/>) and of the files beside it. A token that
    /// has a role and is in the vocabulary alone is one too; one that no file gives an id follows all others, as in Transformers.
    /// </summary>
    /// <exception cref="InvalidDataException">A token's id is another one's, or beyond all vocabularies.</exception>
    public static IReadOnlyList<AddedToken> Join(
        IEnumerable<AddedToken> own, TokenizerConfig config, Vocabulary vocabulary, string source)
    {
        var byContent = new Dictionary<string, AddedToken>();
        foreach (var token in config.ListedTokens.Concat(own).Concat(config.AddedTokens))
        {
            byContent[token.Content] = token;
        }

        foreach (var token in byContent.Values)
        {
            Vocabulary.RequireBelowBound(token.Content, token.Id, source);
        }

        var next = Math.Max(vocabulary.Size, byContent.Count == 0 ? 0 : byContent.Values.Max(t => t.Id) + 1);
        foreach (var token in config.NamedTokens.Where(t => !byContent.ContainsKey(t.Content)))
        {
            var known = vocabulary.Id(token.Content);
            // A beginning or an end that no model can have learned is a mistake in the files, and refused where it is asked for.
            if (known >= 0 || (token.Content != config.BosToken && token.Content != config.EosToken))
            {
                byContent[token.Content] = token with { Id = known >= 0 ? known : next++ };
            }
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

    static AddedToken Plain(int id, string content, bool special) =>
        new(id, content, special, Normalized: !special, SingleWord: false, LeftStrip: false, RightStrip: false);

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
