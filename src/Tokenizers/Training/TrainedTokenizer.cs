using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrtDpo.Tokenizers.Training;

/// <summary>A byte-level BPE tokenizer that was learned from text.</summary>
public sealed class TrainedTokenizer
{
    readonly IReadOnlyList<string> specialTokens;
    readonly IReadOnlyList<string> tokens;
    readonly IReadOnlyList<(int Left, int Right)> merges;

    internal TrainedTokenizer(
        IReadOnlyList<string> specialTokens, IReadOnlyList<string> tokens, IReadOnlyList<(int Left, int Right)> merges)
    {
        (this.specialTokens, this.tokens, this.merges) = (specialTokens, tokens, merges);
    }

    /// <summary>Number of tokens, the special ones included; ids run from 0 to one less.</summary>
    public int VocabularySize => tokens.Count;

    /// <summary>The merges in order, as the tokens that they join.</summary>
    public IEnumerable<(string Left, string Right)> Merges => merges.Select(m => (tokens[m.Left], tokens[m.Right]));

    /// <summary>
    /// Writes Hugging Face's tokenizer.json and tokenizer_config.json into <paramref name="folder"/>. With <paramref name="bosToken"/> each
    /// text begins with it.
    /// </summary>
    /// <exception cref="ArgumentException">A named token is not one of the special tokens.</exception>
    public void Write(string folder, string eosToken, string? bosToken = null)
    {
        foreach (var token in new[] { eosToken, bosToken }.OfType<string>().Where(t => !specialTokens.Contains(t)))
        {
            throw new ArgumentException($"'{token}' is not one of the special tokens: {string.Join(", ", specialTokens)}.");
        }

        WriteJson(Path.Combine(folder, TokenizerFiles.TokenizerJson), writer => WriteTokenizer(writer, bosToken));
        WriteJson(Path.Combine(folder, TokenizerFiles.TokenizerConfig), writer =>
        {
            writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
            writer.WriteBoolean("add_bos_token", bosToken is not null);
            writer.WriteBoolean("add_eos_token", false);
            writer.WriteString("bos_token", bosToken);
            writer.WriteString("eos_token", eosToken);
            writer.WriteBoolean("clean_up_tokenization_spaces", false);
        });
    }

    void WriteTokenizer(Utf8JsonWriter writer, string? bosToken)
    {
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        writer.WriteStartArray("added_tokens");
        for (var id = 0; id < specialTokens.Count; id++)
        {
            WriteSpecial(writer, id);
        }

        writer.WriteEndArray();
        writer.WriteNull("normalizer");
        WriteByteLevel(writer, "pre_tokenizer");
        writer.WritePropertyName("post_processor");
        WriteTemplate(writer, bosToken);
        WriteByteLevel(writer, "decoder");
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        foreach (var absent in new[] { "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix" })
        {
            writer.WriteNull(absent);
        }

        foreach (var off in new[] { "fuse_unk", "byte_fallback", "ignore_merges" })
        {
            writer.WriteBoolean(off, false);
        }

        writer.WriteStartObject("vocab");
        for (var id = 0; id < tokens.Count; id++)
        {
            writer.WriteNumber(tokens[id], id);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach (var (left, right) in Merges)
        {
            writer.WriteStringValue($"{left} {right}");
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    void WriteSpecial(Utf8JsonWriter writer, int id)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", id);
        writer.WriteString("content", specialTokens[id]);
        foreach (var flag in new[] { "single_word", "lstrip", "rstrip", "normalized" })
        {
            writer.WriteBoolean(flag, false);
        }

        writer.WriteBoolean("special", true);
        writer.WriteEndObject();
    }

    static void WriteByteLevel(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", false);
        writer.WriteBoolean("trim_offsets", true);
        writer.WriteBoolean("use_regex", true);
        writer.WriteEndObject();
    }

    void WriteTemplate(Utf8JsonWriter writer, string? bosToken)
    {
        if (bosToken is null)
        {
            writer.WriteNullValue();
            return;
        }

        var bos = JsonSerializer.Serialize(bosToken);
        var id = specialTokens.Index().Single(t => t.Item == bosToken).Index;
        writer.WriteRawValue(
            $$$"""
            {"type":"TemplateProcessing",
             "single":[{"SpecialToken":{"id":{{{bos}}},"type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
             "pair":[{"SpecialToken":{"id":{{{bos}}},"type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
             "special_tokens":{ {{{bos}}}:{"id":{{{bos}}},"ids":[{{{id}}}],"tokens":[{{{bos}}}]} } }
            """);
    }

    static void WriteJson(string path, Action<Utf8JsonWriter> members)
    {
        using var file = File.Create(path);
        using var writer = new Utf8JsonWriter(
            file, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
        writer.Flush();
        file.WriteByte((byte)'\n');
    }
}
