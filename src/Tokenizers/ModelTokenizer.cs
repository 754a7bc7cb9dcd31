using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;
using OrtDpo.Tokenizers.Bpe;
using OrtDpo.Tokenizers.Loading;

namespace OrtDpo.Tokenizers;

/// <summary>The tokenizer of a model folder: exactly the ids that the model was trained on. Safe from several threads.</summary>
public sealed class ModelTokenizer
{
    readonly TokenizerDefinition definition;
    readonly TokenizerPipeline pipeline;
    readonly List<int> leadingIds;

    ModelTokenizer(string folder, TokenizerDefinition definition, TokenizerConfig config)
    {
        this.definition = definition;
        pipeline = new TokenizerPipeline(definition);
        BosId = Named(folder, "bos_token", config.BosToken) ?? definition.ImpliedBosId ?? config.ModelBosId;
        EosId = Named(folder, "eos_token", config.EosToken) ?? definition.ImpliedEosId ?? config.ModelEosIds.Cast<int?>().FirstOrDefault();
        var size = Math.Max(definition.Size, config.ModelVocabulary);
        RequireKnown(config, size);
        // What config.json names beside the vocabulary never comes up: savers leave defaults of other models there.
        var ofModel = config.ModelEosIds.Where(id => id >= 0 && id < size);
        int[] ends = [.. (EosId is { } eos ? new[] { eos } : []).Concat(ofModel).Distinct()];
        Ends = new EndTokens(ends, [.. ends.Select(WrittenForm).OfType<string>()]);
        leadingIds = Leading(folder, config.AddBosToken);
        foreach (var id in definition.TrailingIds.Where(id => !EosIds.Contains(id)))
        {
            throw new NotSupportedException(
                $"The tokenizer in '{folder}' puts '{TokenText(id)}' after each text, which is not supported. " +
                "Only an end-of-sequence token may be.");
        }

        Digest = TokenizerDigest.Of(definition, leadingIds, EosId);
        Files = TokenizerFolder.Files(folder);
    }

    /// <summary>The tokenizer without what it puts around a text: it adds no beginning-of-sequence token.</summary>
    public Tokenizer Tokenizer => pipeline;

    /// <summary>One more than the largest id.</summary>
    public int VocabularySize => definition.Size;

    /// <summary>
    /// About the bytes of managed memory that it takes: 190 for a merge, its tokens and the tables of both (measured: 28 MB of Qwen2.5's
    /// 151,387 merges, 52 MB of Llama 3's 280,147).
    /// </summary>
    public long Bytes => 190L * definition.Model.Merges.All.Count;

    /// <summary>The beginning-of-sequence token, whether or not it is added to a text.</summary>
    public int? BosId { get; }

    /// <summary>The token that ends a completion.</summary>
    public int? EosId { get; }

    /// <summary>All tokens that end a generation, and a completion with it, <see cref="EosId"/> first.</summary>
    public EndTokens Ends { get; }

    /// <summary>The ids of <see cref="Ends"/>.</summary>
    public IReadOnlyList<int> EosIds => Ends.Ids;

    /// <summary>Hex SHA-256 of what changes ids.</summary>
    public string Digest { get; }

    /// <summary>Paths of the tokenizer's files, to be copied beside an export.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Loads the tokenizer of a Hugging Face model folder. A tokenizer.json wins over a tokenizer.model.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">The folder holds no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is broken or contradicts another.</exception>
    /// <exception cref="NotSupportedException">The tokenizer does something that is not implemented exactly.</exception>
    public static ModelTokenizer Load(string modelFolder)
    {
        var config = TokenizerConfig.Read(modelFolder);
        return new ModelTokenizer(modelFolder, TokenizerFolder.Read(modelFolder, config), config);
    }

    /// <summary>
    /// The ids of a text by itself: with a beginning-of-sequence token where the tokenizer adds one, never with an end-of-sequence token.
    /// </summary>
    public int[] Encode(string text)
    {
        var ids = new List<int>(leadingIds);
        pipeline.Encode(text, prefix: true, ids);
        return [.. ids];
    }

    /// <summary>
    /// As <see cref="Encode"/>, but a text that writes the beginning-of-sequence token itself, as chat templates do, gets no second one.
    /// </summary>
    public int[] EncodeRow(string text)
    {
        var ids = new List<int>();
        pipeline.Encode(text, prefix: true, ids);
        return leadingIds.Count > 0 && ids.Take(leadingIds.Count).SequenceEqual(leadingIds) ? [.. ids] : [.. leadingIds, .. ids];
    }

    /// <summary>The ids of a text that continues another: without dummy prefix and beginning-of-sequence token.</summary>
    public int[] EncodeContinuation(string text)
    {
        var ids = new List<int>();
        pipeline.Encode(text, prefix: false, ids);
        return [.. ids];
    }

    /// <summary>
    /// The text of <paramref name="ids"/>. Ids that no token has are left out, and special tokens too if
    /// <paramref name="skipSpecial"/> is set.
    /// </summary>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = true) => pipeline.Decode(ids, skipSpecial);

    /// <summary>One token for people to read: its text, or its bytes in hexadecimal where they are not text by themselves.</summary>
    public string TokenText(int id)
    {
        if (pipeline.Token(id) is not var (text, added, _))
        {
            return $"<{id}>";
        }

        if (added || !definition.Model.ByteLevel)
        {
            return added ? text : text.Replace('▁', ' ');
        }

        var bytes = new List<byte>();
        ByteAlphabet.Unspell(text, bytes);
        return System.Text.Unicode.Utf8.IsValid([.. bytes])
            ? Encoding.UTF8.GetString([.. bytes])
            : string.Concat(bytes.Select(b => string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>")));
    }

    /// <summary>
    /// Requires that the model has a row for a token: a gather that embeds others would read other memory, or fail without a name.
    /// </summary>
    /// <param name="where">What holds the token, for the message: "pairs.jsonl:12".</param>
    /// <param name="id">The token; the largest of a row stands for all.</param>
    /// <param name="vocabulary">Rows of the model's embedding.</param>
    /// <exception cref="InvalidDataException">The model has none.</exception>
    public void RequireKnown(string where, int id, int vocabulary)
    {
        if (id >= vocabulary)
        {
            throw new InvalidDataException($"{where} has token {id} ('{TokenText(id)}'), and the model's vocabulary has {vocabulary}. "
                + "The tokenizer beside the weights is not theirs.");
        }
    }

    // How a token is written in a text; null where no token has the id, or its bytes are no text by themselves.
    string? WrittenForm(int id) => pipeline.Token(id) is not var (text, added, _) ? null
        : added ? text
        : Decode([id], skipSpecial: false) is var written && !written.Contains('\uFFFD', StringComparison.Ordinal) ? written
        : null;

    static void RequireKnown(TokenizerConfig config, int size)
    {
        foreach (var end in config.GenerationEosIds)
        {
            if (end.Number() is var id && (id < 0 || id >= size))
            {
                throw new InvalidDataException(
                    $"{end.Where} is {id}, and the vocabulary has {size} tokens: no text would ever end there. Name tokens of the model.");
            }
        }
    }

    int? Named(string folder, string role, string? token) => token is null ? null : definition.Id(token)
        ?? throw new InvalidDataException($"The tokenizer in '{folder}' has no token '{token}', which its configuration names as {role}.");

    // What tokenizer_config.json says about the beginning-of-sequence token overrides the post-processor, as in Transformers.
    List<int> Leading(string folder, bool? addBos)
    {
        var leading = new List<int>(definition.LeadingIds);
        if (addBos == false)
        {
            leading.RemoveAll(id => id == BosId);
        }
        else if (addBos == true && !leading.Exists(id => id == BosId))
        {
            leading.Insert(0, BosId ?? throw new InvalidDataException($"'{folder}' sets add_bos_token, but names no bos_token."));
        }

        return leading;
    }
}
