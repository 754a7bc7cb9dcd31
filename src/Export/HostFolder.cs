using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.ChatTemplates;
using OrtDpo.Data;
using OrtDpo.Models;
using OrtDpo.Tokenizers;

namespace OrtDpo.Export;

/// <summary>
/// The files beside an exported model as hosts want them: the chat template in every place where one looks, and a tokenizer's configuration
/// that ONNX Runtime GenAI loads.
/// </summary>
static class HostFolder
{
    const string Template = "chat_template";

    // What it takes for a tokenizer's class where it has no other; without a class it reads no template.
    const string AnyTokenizer = "PreTrainedTokenizerFast";

    static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The files, changed.</summary>
    /// <param name="files">Those of the model.</param>
    /// <param name="folder">The model's folder, whose template it is.</param>
    public static IReadOnlyList<HostFile> Of(IReadOnlyList<HostFile> files, string folder)
    {
        var source = ChatTemplateFolder.Source(folder);
        var loadable = HostFile.Changed(files, (names, read) => Loadable(names, read, source is not null));
        return source is null
            ? loadable
            : HostFile.Changed(loadable, (names, read) => TemplatePlaces.With(names, read, source, ForGenAi(source)?.Text ?? source));
    }

    /// <summary>What ONNX Runtime GenAI cannot do with an exported folder, or does otherwise; each a sentence.</summary>
    public static IEnumerable<string> Notes(string folder)
    {
        // A model that came as ONNX has another form, and is none of its.
        if (!File.Exists(Path.Combine(folder, GenAiConfig.FileName)))
        {
            yield break;
        }

        if (!File.Exists(Path.Combine(folder, TokenizerFiles.TokenizerJson)))
        {
            yield return $"ONNX Runtime GenAI reads a tokenizer from {TokenizerFiles.TokenizerJson} alone, which the model does not have: "
                + "its hosts take and give tokens there, not texts.";
        }

        if (ChatTemplateFolder.Source(folder) is not { } source)
        {
            yield break;
        }

        if (ForGenAi(source) is not { } template)
        {
            yield return $"{TokenizerFiles.ChatTemplate} has parts of Jinja that are not known here, and stands there as the model has it: "
                + "compare what a host renders.";
        }
        else if (template.Lacks.Count > 0)
        {
            yield return $"ONNX Runtime GenAI 0.18 lacks, or reads otherwise, what {TokenizerFiles.ChatTemplate} has: "
                + $"{string.Join(", ", template.Lacks)}. Where a chat comes to that, render it elsewhere.";
        }
    }

    // Null: no Jinja that is read here.
    static GenAiTemplate? ForGenAi(string source)
    {
        try
        {
            return GenAiTemplate.Of(TokenizerFiles.ChatTemplate, source);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            return null;
        }
    }

    // Its tokenizer wants the file, a class in it, the tokens that a template names, and no template that is no text.
    static Dictionary<string, byte[]?> Loadable(IReadOnlyCollection<string> names, Func<string, byte[]> read, bool hasTemplate)
    {
        if (!names.Contains(TokenizerFiles.TokenizerJson))
        {
            return [];
        }

        var config = names.Contains(TokenizerFiles.TokenizerConfig) ? Fields(read(TokenizerFiles.TokenizerConfig)) : [];
        var tokens = names.Contains(TokenizerFiles.SpecialTokensMap) ? Fields(read(TokenizerFiles.SpecialTokensMap)) : [];
        var isChanged = false;
        foreach (var token in (ReadOnlySpan<string>)["bos_token", "eos_token"])
        {
            if (config[token] is null && tokens[token] is { } text)
            {
                (config[token], isChanged) = (text.DeepClone(), true);
            }
        }

        if (config["tokenizer_class"] is null)
        {
            (config["tokenizer_class"], isChanged) = (AnyTokenizer, true);
        }

        // Where there is a default template, it takes the place.
        if (!hasTemplate && config.TryGetPropertyValue(Template, out var template) && template?.GetValueKind() != JsonValueKind.String)
        {
            isChanged = config.Remove(Template);
        }

        return !isChanged ? [] : new Dictionary<string, byte[]?>(StringComparer.Ordinal)
        {
            [TokenizerFiles.TokenizerConfig] = JsonSerializer.SerializeToUtf8Bytes(config, Readable),
        };
    }

    // Of two members of a name the last counts.
    static JsonObject Fields(byte[] file)
    {
        using var document = JsonDocument.Parse(new MemoryStream(file));
        var fields = new JsonObject();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            fields[member.Name] = JsonSerializer.SerializeToNode(member.Value);
        }

        return fields;
    }
}
