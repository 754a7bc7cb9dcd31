using System.Text.Json.Nodes;
using OrtDpo.Safetensors;
using OrtDpo.Safetensors.Tests;

namespace OrtDpo.Adapters.Tests;

/// <summary>A folder with an adapter's files, put together without the code under test.</summary>
sealed class AdapterFolder : IDisposable
{
    readonly TemporaryFolder folder = new();

    public string Path => folder.Path;

    public string ConfigPath => folder.File(LoraConfig.FileName);

    public string TensorsPath => folder.File(AdapterFile.FileName);

    public LoraConfig Read(string json)
    {
        folder.Write(LoraConfig.FileName, json);
        return LoraConfig.Read(Path);
    }

    /// <summary>The least that is read, with one field more or another.</summary>
    public LoraConfig ReadWith(string field, string value)
    {
        var json = JsonNode.Parse("""{"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"]}""")!.AsObject();
        json[field] = JsonNode.Parse(value);
        return Read(json.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    /// <summary>Tensors under the names of a file, without PEFT's prefix where they begin with a dash.</summary>
    public AdapterFile Open(string dtype, params (string Name, long[] Shape)[] tensors)
    {
        Write(AdapterFile.FileName, HandMadeSafetensors.Model(dtype, [.. tensors.Select(t => (Named(t.Name), t.Shape))]));
        return AdapterFile.Open(Path, WeightMapping.ReadOnly);
    }

    /// <summary>Tensors one after the other, with the same number of bytes each.</summary>
    public AdapterFile Open(string dtype, byte[] data, params (string Name, long[] Shape)[] tensors)
    {
        var header = new JsonObject();
        var bytes = data.Length / tensors.Length;
        foreach (var (name, shape) in tensors)
        {
            header[Named(name)] = new JsonObject
            {
                ["dtype"] = dtype,
                ["shape"] = new JsonArray([.. shape.Select(dimension => (JsonNode)dimension)]),
                ["data_offsets"] = new JsonArray(bytes * header.Count, bytes * (header.Count + 1)),
            };
        }

        Write(AdapterFile.FileName, HandMadeSafetensors.File(header.ToJsonString(), data));
        return AdapterFile.Open(Path, WeightMapping.ReadOnly);
    }

    public void Write(string name, byte[] bytes) => folder.Write(name, bytes);

    public void Dispose() => folder.Dispose();

    static string Named(string name) => name.StartsWith('-') ? name[1..] : $"base_model.model.{name}";
}
