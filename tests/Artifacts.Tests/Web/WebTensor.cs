using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>A tensor that goes to the training runtime or comes from it.</summary>
/// <param name="Name">The input's or output's name.</param>
/// <param name="Type"><c>float32</c>, <c>int64</c> or <c>bool</c>.</param>
/// <param name="Shape">The dimensions, slowest first.</param>
/// <param name="Data">Row-major, little-endian elements.</param>
sealed record WebTensor(string Name, string Type, int[] Shape, byte[] Data)
{
    public static WebTensor Of(string name, float[] values, params int[] shape) =>
        new(name, "float32", shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    public static WebTensor Of(string name, long[] values, params int[] shape) =>
        new(name, "int64", shape, MemoryMarshal.AsBytes<long>(values).ToArray());

    /// <summary>A scalar.</summary>
    public static WebTensor Of(string name, double value) => Of(name, [(float)value]);

    public static WebTensor Of(string name, JsonNode json) => new(
        name, json["type"]!.GetValue<string>(), json["dims"]!.Deserialize<int[]>()!,
        Convert.FromBase64String(json["data"]!.GetValue<string>()));

    public JsonObject ToJson() => new()
    {
        ["type"] = Type, ["dims"] = JsonSerializer.SerializeToNode(Shape), ["data"] = Convert.ToBase64String(Data),
    };

    /// <summary>The numbers of a float32 tensor.</summary>
    public float[] Floats() => MemoryMarshal.Cast<byte, float>(Data).ToArray();
}
