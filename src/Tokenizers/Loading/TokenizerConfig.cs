using System.Text.Json;
using OrtDpo.Tokenizers.AddedTokens;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>
/// What stands beside a tokenizer: tokenizer_config.json, special_tokens_map.json, added_tokens.json, generation_config.json, config.json.
/// </summary>
sealed record TokenizerConfig
{
    // In the order in which Transformers adds them.
    static readonly string[] Roles = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public string? TokenizerClass { get; private init; }

    /// <summary>config.json's name of the architecture.</summary>
    public string? ModelType { get; private init; }

    public string? BosToken { get; private init; }

    public string? EosToken { get; private init; }

    public bool? AddBosToken { get; private init; }

    public bool? AddPrefixSpace { get; private init; }

    /// <summary>Of SentencePiece models: each text between added tokens has the dummy prefix; false: the beginning alone has.</summary>
    public bool Legacy { get; private init; } = true;

    /// <summary>The table of tokenizer_config.json: what it says of a token overrides other files.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; private init; } = [];

    /// <summary>The table of added_tokens.json, which counts where tokenizer_config.json has none.</summary>
    public IReadOnlyList<AddedToken> ListedTokens { get; private init; } = [];

    /// <summary>The tokens that have a role, which makes them special; of their ids nothing is known here (−1).</summary>
    public IReadOnlyList<AddedToken> NamedTokens { get; private init; } = [];

    /// <summary>The model's ids, which count where no token is named.</summary>
    public int? ModelBosId { get; private init; }

    /// <summary>All ids that end a generation, those of generation_config.json first.</summary>
    public IReadOnlyList<int> ModelEosIds { get; private init; } = [];

    /// <summary>Those of generation_config.json with their places, since whoever knows the vocabulary may refuse one.</summary>
    public IReadOnlyList<JsonPart> GenerationEosIds { get; private init; } = [];

    /// <summary>Rows of the model's embedding, where config.json says how many; it may have more than the tokenizer has tokens.</summary>
    public int ModelVocabulary { get; private init; }

    public static TokenizerConfig Read(string folder)
    {
        var config = File(folder, TokenizerFiles.TokenizerConfig);
        var map = File(folder, TokenizerFiles.SpecialTokensMap);
        var generation = File(folder, TokenizerFiles.GenerationConfig);
        var model = File(folder, "config.json");
        var table = config?.Optional("added_tokens_decoder");
        var named = NamedIn(config).Concat(NamedIn(map)).DistinctBy(t => t.Content).ToList();
        var special = named.Select(t => t.Content).ToHashSet();
        var generationEosIds = Items(generation, "eos_token_id").ToList();
        return new TokenizerConfig
        {
            TokenizerClass = config?.Optional("tokenizer_class")?.Text(),
            ModelType = model?.Optional("model_type")?.Text(),
            BosToken = Token(config, "bos_token") ?? Token(map, "bos_token"),
            EosToken = Token(config, "eos_token") ?? Token(map, "eos_token"),
            AddBosToken = config?.Optional("add_bos_token")?.Flag(),
            AddPrefixSpace = config?.Optional("add_prefix_space")?.Flag(),
            Legacy = config?.Optional("legacy")?.Flag() ?? true,
            AddedTokens = [.. AddedTokenReader.ReadTable(table)],
            ListedTokens = table is null ? [.. AddedTokenReader.ReadIds(File(folder, TokenizerFiles.AddedTokens), special)] : [],
            NamedTokens = named,
            ModelBosId = Numbers(model, "bos_token_id").Cast<int?>().FirstOrDefault(),
            ModelEosIds = [.. generationEosIds.Select(i => i.Number()).Concat(Numbers(model, "eos_token_id")).Distinct()],
            GenerationEosIds = generationEosIds,
            ModelVocabulary = model?.Optional("vocab_size")?.Element is { ValueKind: JsonValueKind.Number } size
                && size.TryGetInt32(out var rows) ? rows : 0,
        };
    }

    static JsonPart? File(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return System.IO.File.Exists(path) ? JsonPart.ReadFile(path) : null;
    }

    static IEnumerable<AddedToken> NamedIn(JsonPart? file) => Roles.Select(role => file?.Optional(role))
        .OfType<JsonPart>()
        .Concat(More(file?.Optional("additional_special_tokens")))
        .Concat(More(file?.Optional("extra_special_tokens")))
        .Select(AddedTokenReader.ReadNamed);

    // A list, or an object from roles of the model's own to tokens.
    static IEnumerable<JsonPart> More(JsonPart? tokens) => tokens is not { } part ? []
        : part.Element.ValueKind == JsonValueKind.Object ? part.Members().Select(m => m.Value)
        : part.Items();

    static string? Token(JsonPart? file, string role) =>
        file?.Optional(role) is { } token ? AddedTokenReader.ReadNamed(token).Content : null;

    static IEnumerable<int> Numbers(JsonPart? file, string name) => Items(file, name).Select(i => i.Number());

    static IEnumerable<JsonPart> Items(JsonPart? file, string name) => file?.Optional(name) switch
    {
        null => [],
        { Element.ValueKind: JsonValueKind.Array } list => list.Items(),
        { } number => [number],
    };
}
