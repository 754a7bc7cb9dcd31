using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>Tensors on their way to the training runtime and back: type, dimensions, and the elements' bytes as base64.</summary>
static class WebTensor
{
    public static JsonObject ToJson(Tensor tensor)
    {
        var bytes = new byte[Buffer.ByteLength(tensor.Data)];
        Buffer.BlockCopy(tensor.Data, 0, bytes, 0, bytes.Length);
        return new JsonObject
        {
            ["type"] = tensor.Type.ToString().ToLowerInvariant(),
            ["dims"] = JsonSerializer.SerializeToNode(tensor.Sizes),
            ["data"] = Convert.ToBase64String(bytes),
        };
    }

    /// <summary>A float32 tensor: what a user of training models gets.</summary>
    public static Tensor Of(JsonNode json)
    {
        Assert.Equal("float32", json["type"]!.GetValue<string>());
        var bytes = Convert.FromBase64String(json["data"]!.GetValue<string>());
        var numbers = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, numbers, 0, bytes.Length);
        return new Tensor(DataType.Float32, json["dims"]!.Deserialize<long[]>()!, numbers);
    }
}
