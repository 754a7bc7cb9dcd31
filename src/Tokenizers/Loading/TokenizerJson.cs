using System.Text.Json.Nodes;
using OrtDpo.Tokenizers.AddedTokens;
using OrtDpo.Tokenizers.Bpe;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>Reads Hugging Face's tokenizer.json.</summary>
static class TokenizerJson
{
    /// <summary>
    /// Reads the file at <paramref name="path"/>; tokens that tokenizer_config.json lists override its own, and so does add_prefix_space.
    /// </summary>
    /// <exception cref="InvalidDataException">The file contradicts itself or lacks something.</exception>
    /// <exception cref="NotSupportedException">The file asks for something that is not implemented.</exception>
    public static TokenizerDefinition Read(string path, TokenizerConfig config)
    {
        var root = WithPrefixSpace(JsonPart.ReadFile(path), config.AddPrefixSpace);
        var preTokenization = PreTokenizerReader.Read(root.Optional("pre_tokenizer"));
        var model = Model(root.Required("model"), preTokenization.ByteLevel);
        var added = AddedTokenReader.Join(AddedTokenReader.ReadList(root.Optional("added_tokens")), config, model.Vocabulary, path);
        return Assemble(root, preTokenization, model, added);
    }

    // As in Transformers, where a tokenizer's own option is set again after its file was read.
    static JsonPart WithPrefixSpace(JsonPart root, bool? wanted)
    {
        if (wanted is not { } prefix || root.Optional("pre_tokenizer") is not { } part || part.Text("type") != "ByteLevel"
            || part.Flag("add_prefix_space", true) == prefix)
        {
            return root;
        }

        var changed = JsonObject.Create(root.Element)!;
        changed["pre_tokenizer"]!["add_prefix_space"] = prefix;
        return JsonPart.Literal(changed.ToJsonString(), root.Where);
    }

    /// <summary>A definition from its parts, <paramref name="root"/> being a tokenizer.json without model and added tokens.</summary>
    public static TokenizerDefinition Assemble(
        JsonPart root, PreTokenization preTokenization, BpeModel model, IReadOnlyList<AddedToken> added)
    {
        var (leading, trailing) = PostProcessorReader.Read(root.Optional("post_processor"));
        return new TokenizerDefinition
        {
            Model = model,
            AddedTokens = added,
            Normalizer = NormalizerReader.Read(root.Optional("normalizer")),
            Prefix = preTokenization.Prefix,
            Splitter = preTokenization.Splitter,
            Decode = DecoderReader.Read(root.Optional("decoder")),
            LeadingIds = leading,
            TrailingIds = trailing,
            Rules = Rules(root, "normalizer") + '\n' + Rules(root, "pre_tokenizer"),
        };
    }

    static string Rules(JsonPart root, string name) => CanonicalJson.Of(root.Optional(name)?.Element);

    static BpeModel Model(JsonPart model, bool byteLevel)
    {
        // Files older than the field hold BPE exactly when they hold merges.
        var type = model.Optional("type")?.Text() ?? (model.Optional("merges") is null ? "not named" : "BPE");
        if (type != "BPE")
        {
            throw new NotSupportedException($"{model.Where} is '{type}', which is not supported. Only BPE is.");
        }

        if (model.Optional("dropout") is { } dropout && dropout.Element.GetRawText().Trim('0', '.').Length > 0)
        {
            throw new NotSupportedException($"{model.Where} has a dropout, which makes ids random. Set it to null.");
        }

        var ids = new Dictionary<string, int>();
        foreach (var (token, id) in model.Required("vocab").Members())
        {
            ids[token] = id.Number();
        }

        var vocabulary = new Vocabulary(ids, model.Where);
        var prefix = Affix(model, "continuing_subword_prefix");
        var merges = new MergeReader(vocabulary, prefix?.Length ?? 0);
        foreach (var merge in model.Required("merges").Items())
        {
            merges.Add(merge);
        }

        return new BpeModel
        {
            Vocabulary = vocabulary,
            Merges = merges.Merges,
            ByteLevel = byteLevel,
            ByteFallback = model.Flag("byte_fallback", false),
            IgnoreMerges = model.Flag("ignore_merges", false),
            FuseUnknown = model.Flag("fuse_unk", false),
            UnknownId = Unknown(model, vocabulary),
            ContinuingPrefix = prefix,
            WordSuffix = Affix(model, "end_of_word_suffix"),
        };
    }

    static int? Unknown(JsonPart model, Vocabulary vocabulary) => model.Optional("unk_token")?.Text() is not { } token ? null
        : vocabulary.Id(token) is >= 0 and var id ? id
        : throw new InvalidDataException($"{model.Where}: the unk_token '{token}' is not in the vocabulary.");

    // Published files write an absent one as null or as "".
    static string? Affix(JsonPart model, string name) => model.Optional(name)?.Text() is { Length: > 0 } affix ? affix : null;
}
