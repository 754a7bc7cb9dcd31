using System.Text.Json.Nodes;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Pipeline.Tests;

/// <summary>The parts of quantised weights in exported models, against files that the weights were read from.</summary>
static class ExportedParts
{
    static readonly string[] Endings = [".codes", ".scales", ".zero_points"];

    /// <summary>The bytes of codes, scales and zero points, by their names.</summary>
    public static Dictionary<string, byte[]> Of(string model) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(model)).Graph.Initializer
        .Where(tensor => Array.Exists(Endings, ending => tensor.Name.EndsWith(ending, StringComparison.Ordinal)))
        .ToDictionary(tensor => tensor.Name, tensor => tensor.RawData.ToByteArray(), StringComparer.Ordinal);

    /// <summary>A base that was kept in a file, whose tensors have the same names.</summary>
    public static void AssertKept(string kept, string model, int weights)
    {
        var (expected, found) = (TensorsOf(kept), Of(model));
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        Assert.Equal(weights, found.Keys.Count(name => name.EndsWith(".codes", StringComparison.Ordinal)));
        Assert.All(found, part => Assert.Equal(expected[part.Key], part.Value));
    }

    /// <summary>A folder of bitsandbytes, which calls codes as the weight, and scales <c>absmax</c>.</summary>
    public static void AssertBitsAndBytes(string checkpoint, string model, int weights)
    {
        var (expected, found) = (TensorsOf(checkpoint), Of(model));
        Assert.Equal(2 * weights, found.Count);
        Assert.All(found, part => Assert.Equal(
            expected[part.Key.Replace(".codes", "", StringComparison.Ordinal).Replace(".scales", ".absmax", StringComparison.Ordinal)],
            part.Value));
    }

    // safetensors: the header's length, the header, and the tensors at offsets from its end.
    static Dictionary<string, byte[]> TensorsOf(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var length = (int)BitConverter.ToInt64(bytes);
        return JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject().Where(tensor => tensor.Key != "__metadata__").ToDictionary(
            tensor => tensor.Key,
            tensor => bytes[(8 + length + (int)tensor.Value!["data_offsets"]![0]!)..(8 + length + (int)tensor.Value["data_offsets"]![1]!)],
            StringComparer.Ordinal);
    }
}
