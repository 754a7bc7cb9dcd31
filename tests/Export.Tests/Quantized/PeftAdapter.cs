using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Safetensors.Tests;

namespace OrtDpo.Export.Tests.Quantized;

/// <summary>A folder as PEFT saves an adapter: terms of random numbers beside every product of the layers.</summary>
static class PeftAdapter
{
    const int Rank = 3;

    /// <summary>Writes the folder.</summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="model">The model's folder.</param>
    /// <param name="decoder">The model.</param>
    public static string Write(TemporaryFolder folder, string model, DecoderModel decoder)
    {
        var path = folder.File("adapter");
        Directory.CreateDirectory(path);
        var products = AdaptedModel.ProductsOf(decoder);
        var config = new JsonObject
        {
            ["peft_type"] = "LORA",
            ["base_model_name_or_path"] = model,
            ["r"] = Rank,
            ["lora_alpha"] = 5,
            ["lora_dropout"] = 0.0,
            ["bias"] = "none",
            ["fan_in_fan_out"] = products.Any(p => p.Product.IsInOut),
            ["target_modules"] = new JsonArray([.. products.Select(p => (JsonNode)ModuleOf(p.Weight))]),
            ["task_type"] = "CAUSAL_LM",
        };
        File.WriteAllText(Path.Combine(path, "adapter_config.json"), config.ToJsonString());
        var (header, data, random) = (new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}"), new MemoryStream(), new Random(4));
        foreach (var (weight, product) in products)
        {
            Add(LowRankTerm.A(weight), Rank, product.InFeatures, 1 / Math.Sqrt(product.InFeatures));
            Add(LowRankTerm.B(weight), product.OutFeatures, Rank, 0.3);
        }

        File.WriteAllBytes(
            Path.Combine(path, "adapter_model.safetensors"), HandMadeSafetensors.File(header.Append('}').ToString(), data.ToArray()));
        return path;

        void Add(string name, long rows, long columns, double size)
        {
            var begin = data.Length;
            var numbers = new float[rows * columns];
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = (float)(size * (random.NextDouble() - 0.5));
            }

            data.Write(MemoryMarshal.AsBytes<float>(numbers));
            var offsets = $"\"data_offsets\":[{begin},{data.Length}]";
            header.Append(
                CultureInfo.InvariantCulture,
                $",\"base_model.model.{name}\":{{\"dtype\":\"F32\",\"shape\":[{rows},{columns}],{offsets}}}");
        }
    }

    static string ModuleOf(string weight) => weight[..^".weight".Length];
}
