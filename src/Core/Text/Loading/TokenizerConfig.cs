using System.Text.Json;
using OrtDpo.Core.Text.AddedTokens;

namespace OrtDpo.Core.Text.Loading;

/// <summary>What stands beside a tokenizer: tokenizer_config.json, special_tokens_map.json, generation_config.json, config.json.</summary>
sealed record TokenizerConfig
{
    public string? TokenizerClass { get; private init; }

    public string? BosToken { get; private init; }

    public string? EosToken { get; private init; }

    public bool? AddBosToken { get; private init; }

    public bool? AddPrefixSpace { get; private init; }

    public IReadOnlyList<AddedToken> AddedTokens { get; private init; } = [];

    /// <summary>The model's ids, which count where no token is named.</summary>
    public int? ModelBosId { get; private init; }

    /// <summary>All ids that end a generation, those of generation_config.json first.</summary>
    public IReadOnlyList<int> ModelEosIds { get; private init; } = [];

    public static TokenizerConfig Read(string folder)
    {
        var config = File(folder, "tokenizer_config.json");
        var map = File(folder, "special_tokens_map.json");
        var generation = File(folder, "generation_config.json");
        var model = File(folder, "config.json");
        return new TokenizerConfig
        {
            TokenizerClass = config?.Optional("tokenizer_class")?.Text(),
            BosToken = Token(config, "bos_token") ?? Token(map, "bos_token"),
            EosToken = Token(config, "eos_token") ?? Token(map, "eos_token"),
            AddBosToken = config?.Optional("add_bos_token")?.Flag(),
            AddPrefixSpace = config?.Optional("add_prefix_space")?.Flag(),
            AddedTokens = [.. AddedTokenReader.ReadTable(config?.Optional("added_tokens_decoder"))],
            ModelBosId = Numbers(model, "bos_token_id").Cast<int?>().FirstOrDefault(),
            ModelEosIds = [.. Numbers(generation, "eos_token_id").Concat(Numbers(model, "eos_token_id")).Distinct()],
        };
    }

    static JsonPart? File(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return System.IO.File.Exists(path) ? JsonPart.ReadFile(path) : null;
    }

    // A token stands there as text, or as an object with its flags.
    static string? Token(JsonPart? file, string name) => file?.Optional(name) switch
    {
        null => null,
        { Element.ValueKind: JsonValueKind.Object } token => token.Text("content"),
        { } token => token.Text(),
    };

    static IEnumerable<int> Numbers(JsonPart? file, string name) => file?.Optional(name) switch
    {
        null => [],
        { Element.ValueKind: JsonValueKind.Array } list => list.Items().Select(i => i.Number()),
        { } number => [number.Number()],
    };
}
