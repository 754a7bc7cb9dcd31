using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Safetensors.Tests;

namespace OrtDpo.Export.Tests;

/// <summary>
/// A model folder with the configuration of a golden family, but heads of 16 features, or as many as are asked for, and
/// <see cref="Positions"/> positions, and random weights.
/// </summary>
static partial class RandomFamily
{
    public const int Positions = 160;

    /// <summary>The golden folders whose configurations there are.</summary>
    public static IEnumerable<string> Names =>
        Directory.GetDirectories(Repository.Find("tests", "golden", "families")).Select(path => Path.GetFileName(path)!)
            .Where(name => name[0] != '_').Order(StringComparer.Ordinal);

    /// <summary>Writes the folder, with the tokenizer of the demo model, and reads the model that it describes.</summary>
    public static DecoderModel Write(string name, TemporaryFolder folder, int seed = 1, int headSize = 16)
    {
        var config = JsonNode.Parse(File.ReadAllText(Repository.Find("tests", "golden", "families", name, "config.json")))!.AsObject();
        if (config.ContainsKey("n_embd"))
        {
            (config["n_embd"], config["n_positions"], config["n_ctx"]) = (headSize * (int)config["n_head"]!, Positions, Positions);
        }
        else
        {
            (config["hidden_size"], config["max_position_embeddings"]) = (headSize * (int)config["num_attention_heads"]!, Positions);
            if (config.ContainsKey("head_dim"))
            {
                config["head_dim"] = headSize;
            }
        }

        folder.Write("config.json", config.ToJsonString());
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
        {
            File.Copy(Repository.Find("models", "demo", file), folder.File(file));
        }

        var model = ModelFamilies.Read(folder.Path);
        File.WriteAllBytes(folder.File("model.safetensors"), Weights(model, new Random(seed)));
        return model.For(Positions);
    }

    // Matrices of some 1.5 / √width, so that no layer drowns the others; vectors, which scale or add, between 0.5 and 1.5.
    static byte[] Weights(DecoderModel model, Random random)
    {
        var header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        using var data = new MemoryStream();
        foreach (var parameter in model.Parameters)
        {
            var begin = data.Length;
            var isMatrix = parameter.Shape.Length > 1;
            var size = isMatrix ? 3 / Math.Sqrt(parameter.Shape.Max()) : 1;
            var numbers = new float[parameter.Shape.Aggregate(1L, (a, b) => a * b)];
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = (float)(isMatrix ? size * (random.NextDouble() + random.NextDouble() - 1) : 0.5 + random.NextDouble());
            }

            data.Write(MemoryMarshal.AsBytes<float>(numbers));
            var shape = string.Join(',', parameter.Shape);
            header.Append(
                CultureInfo.InvariantCulture,
                $",\"{parameter.Name}\":{{\"dtype\":\"F32\",\"shape\":[{shape}],\"data_offsets\":[{begin},{data.Length}]}}");
        }

        return HandMadeSafetensors.File(header.Append('}').ToString(), data.ToArray());
    }
}
