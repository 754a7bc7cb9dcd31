using OrtDpo.Autodiff.Building;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>The families of Hugging Face models that are built, by <c>model_type</c>.</summary>
public static class ModelFamilies
{
    static readonly SortedDictionary<string, Func<ConfigFile, LlamaConfig>> OfLlamaForm = new(StringComparer.Ordinal)
    {
        ["gemma2"] = Gemma.Read2,
        ["gemma3_text"] = Gemma.Read3,
        ["granite"] = Granite.Read,
        ["llama"] = Llama.Read,
        ["mistral"] = Mistral.Read,
        ["olmo2"] = Olmo2.Read,
        ["phi3"] = Phi3.Read,
        ["qwen2"] = Qwen2.Read,
        ["qwen3"] = Qwen3.Read,
        ["smollm3"] = SmolLm3.Read,
    };

    /// <summary>Every <c>model_type</c> that is built.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. OfLlamaForm.Keys.Append("gpt2").Order(StringComparer.Ordinal)];

    /// <summary>The model that <c>config.json</c> in <paramref name="folder"/> describes. Parameters are not opened.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A field is missing, or has a value that no such model has.</exception>
    /// <exception cref="NotSupportedException">The model is of another family, or uses a variant that is not built.</exception>
    public static DecoderModel Read(string folder, DataType type = DataType.Float32)
    {
        using var json = ConfigFile.Open(Path.Combine(folder, ModelFolder.ConfigName));
        return json.Text("model_type") == "gpt2" ? new Gpt2Model(Gpt2Config.Read(json), type) : new LlamaModel(ReadLlama(json), type);
    }

    /// <summary>The configuration of a model that has Llama's form.</summary>
    internal static LlamaConfig ReadLlama(ConfigFile json)
    {
        var family = json.Text("model_type");
        if (!OfLlamaForm.TryGetValue(family, out var read))
        {
            throw new NotSupportedException(
                $"{json.Path}: model_type is '{family}'. Supported are {string.Join(", ", Names.SkipLast(1))} and {Names[^1]}.");
        }

        var config = read(json);
        config.Check(json.Path);
        return config with { Notes = [.. ConfigFields.Check(json, family)] };
    }
}
