using System.Text.Json.Nodes;

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

    public void Write(string name, byte[] bytes) => folder.Write(name, bytes);

    public void Dispose() => folder.Dispose();
}
