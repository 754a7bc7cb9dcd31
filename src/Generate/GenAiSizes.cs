using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Generate;

/// <summary>
/// The sizes that <c>genai_config.json</c> tells of the model beside it, so that a model whose operators are not known here, such as one
/// of ONNX Runtime GenAI's own exporter, generates without its graph being read.
/// </summary>
static class GenAiSizes
{
    const string FileName = "genai_config.json";

    /// <summary>The sizes; null where the folder has no such file, or it does not tell them.</summary>
    /// <exception cref="InvalidDataException">The file is not JSON.</exception>
    public static ModelSizes? Find(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var model = JsonNode.Parse(File.ReadAllText(path))?["model"];
            return model?["vocab_size"] is JsonValue vocabulary && model["context_length"] is JsonValue positions
                ? new ModelSizes(
                    vocabulary.GetValue<int>(), (int?)model["decoder"]?["hidden_size"] ?? 0, positions.GetValue<int>(),
                    (int?)model["decoder"]?["num_hidden_layers"] ?? 0)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path} is damaged: {e.Message} Fetch or export the model again.", e);
        }
    }
}
