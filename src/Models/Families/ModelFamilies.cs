using OrtDpo.Autodiff.Building;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>The families of Hugging Face models that are built, by <c>model_type</c>.</summary>
public static class ModelFamilies
{
    /// <summary>The model that <c>config.json</c> in <paramref name="folder"/> describes. Parameters are not opened.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A field is missing, or has a value that no such model has.</exception>
    /// <exception cref="NotSupportedException">The model is of another family, or uses a variant that is not built.</exception>
    public static DecoderModel Read(string folder, DataType type = DataType.Float32)
    {
        using var json = ConfigFile.Open(Path.Combine(folder, ModelFolder.ConfigName));
        return json.Text("model_type") switch
        {
            "llama" or "mistral" or "qwen2" => new LlamaModel(LlamaConfig.Read(json), type),
            "gpt2" => new Gpt2Model(Gpt2Config.Read(json), type),
            var other => throw new NotSupportedException(
                $"{json.Path}: model_type is '{other}'. Supported are gpt2, llama, mistral and qwen2."),
        };
    }
}
