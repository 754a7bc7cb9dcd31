using System.Text;
using OrtDpo.Models.Families;
using OrtDpo.Models.Import;

namespace OrtDpo.Models.Tests;

/// <summary>Model files whose strings are no text, and files that only name their contents.</summary>
public sealed class BytesOfNoTextTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("{\"model_type\": \"ll?ma\"}")]
    [InlineData("{\"model_type\": \"llama\", \"hidden_?ct\": \"silu\"}")]
    public void A_byte_of_a_configuration_that_is_not_utf8_is_refused_with_its_place(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var at = Array.IndexOf(bytes, (byte)'?');
        bytes[at] = 0xE4;
        var path = folder.Write("config.json", bytes);

        var error = Assert.Throws<InvalidDataException>(() => ModelFamilies.Read(folder.Path));

        Assert.StartsWith($"{path}: byte {at} is 0xE4, which is not valid UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_in_a_configuration_is_refused_with_its_place()
    {
        var path = folder.Write("config.json", """{"model_type": "\ud800"}""");

        var error = Assert.Throws<InvalidDataException>(() => ModelFamilies.Read(folder.Path));

        Assert.StartsWith($"{path}: the string at byte 16 holds '\\ud800'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_and_an_onnx_model_may_be_pointers_of_git_lfs()
    {
        LfsPointer.IsNamed(folder.File("config.json"), () => ModelFamilies.Read(folder.Path));
        LfsPointer.IsNamed(folder.File("model.onnx"), () => OnnxFile.Open(folder.File("model.onnx")));
    }

    [Fact]
    public void The_name_of_a_model_on_a_hub_says_that_nothing_is_downloaded()
    {
        var error = Assert.Throws<DirectoryNotFoundException>(() => ModelFolder.Open("Qwen/Qwen2.5-0.5B-Instruct"));

        Assert.Contains("nothing is downloaded here: download it first", error.Message, StringComparison.Ordinal);
    }
}
