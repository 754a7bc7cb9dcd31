using System.Text;
using System.Text.Json.Nodes;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Tests;

/// <summary>What stands beside the weights of a checkpoint and an export.</summary>
public sealed class HostFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"torch_dtype": "bfloat16", "x": 1e-05 }""", WeightType.F32, """{"torch_dtype": "float32", "x": 1e-05 }""")]
    [InlineData("{\r\n  \"dtype\" : \"float16\"\r\n}\r\n", WeightType.BF16, "{\r\n  \"dtype\" : \"bfloat16\"\r\n}\r\n")]
    [InlineData("""{"dtype":"float32","torch_dtype":"float32"}""", WeightType.F16, """{"dtype":"float16","torch_dtype":"float16"}""")]
    [InlineData("""{"torch_dtype": null, "a": "ä"}""", WeightType.F16, """{"torch_dtype": "float16", "a": "ä"}""")]
    // Others' dtypes, and texts that look like one, are not the weights'.
    [InlineData(
        """{"vision": {"torch_dtype": "float16"}, "a": "\"torch_dtype\": \"float16\"", "torch_dtype":"float16"}""", WeightType.F32,
        """{"vision": {"torch_dtype": "float16"}, "a": "\"torch_dtype\": \"float16\"", "torch_dtype":"float32"}""")]
    // Nothing is read as float32, and so says the truth only of that.
    [InlineData("""{ "a": 1 }""", WeightType.F32, """{ "a": 1 }""")]
    [InlineData("{\n  \"a\": 1\n}", WeightType.BF16, "{\n  \"torch_dtype\": \"bfloat16\",\n  \"a\": 1\n}")]
    public void The_dtype_in_the_configuration_is_that_of_the_weights_and_every_other_byte_stays(
        string config, WeightType type, string expected)
    {
        folder.Write("config.json", Encoding.UTF8.GetBytes(config));
        var file = Assert.Single(HostFile.Of(folder.Path, [], type));
        Assert.Equal(expected, Encoding.UTF8.GetString(file.Read()));
    }

    /// <summary>Whoever found it beside weights of 16 bits would look for parts in 4 bits.</summary>
    [Fact]
    public void Beside_weights_that_were_dequantised_the_configuration_says_nothing_of_4_bits()
    {
        folder.Write(
            "config.json", """{"a": "ä", "x": 1e-05, "quantization_config": {"quant_method": "bitsandbytes"}, "torch_dtype": "float16"}""");
        var file = Assert.Single(HostFile.Of(folder.Path, [], WeightType.BF16)) with { IsDequantised = true };
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"a": "ä", "x": 1e-05, "torch_dtype": "bfloat16"}"""), JsonNode.Parse(file.Read())));
        Assert.Contains("1e-05", Encoding.UTF8.GetString(file.Read()), StringComparison.Ordinal);
        var stored = file with { IsDequantised = false };
        Assert.Contains("quantization_config", Encoding.UTF8.GetString(stored.Read()), StringComparison.Ordinal);
    }

    [Fact]
    public void Licences_are_kept_and_a_model_card_of_another_model_is_not()
    {
        string[] names = ["config.json", "LICENSE", "LICENSE.txt", "Notice", "USE_POLICY.md", "README.md", "model.safetensors"];
        foreach (var name in names)
        {
            folder.Write(name, "{}");
        }

        Directory.CreateDirectory(folder.File("further"));
        var nested = folder.Write(Path.Combine("further", "tool.jinja"), "x");
        Assert.Equal(
            ["LICENSE", "LICENSE.txt", "Notice", "USE_POLICY.md", "config.json", "further/tool.jinja"],
            HostFile.Of(folder.Path, [nested], WeightType.F32).Select(file => file.Name).Order(StringComparer.Ordinal));
    }
}
