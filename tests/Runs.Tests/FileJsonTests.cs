using System.Text;

namespace OrtDpo.Runs.Tests;

/// <summary>Files that this program wrote and something else changed.</summary>
public sealed class FileJsonTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_byte_that_is_not_utf8_is_refused_with_its_place()
    {
        var text = Encoding.UTF8.GetBytes("{\n  \"name\": \"?\"\n}\n");
        var at = Array.IndexOf(text, (byte)'?');
        text[at] = 0xFE;
        var path = folder.Write("note.json", text);

        var error = Assert.Throws<InvalidDataException>(() => FileJson.Read<Note>(path));

        Assert.StartsWith($"{path}: byte {at} is 0xFE, which is not valid UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"name\": \"\\ud800\"}")]
    [InlineData("{\"name\\udc00\": \"a\"}")]
    public void Half_of_a_surrogate_pair_is_refused_by_file_and_line(string text)
    {
        var path = folder.Write("note.json", text);

        var error = Assert.Throws<InvalidDataException>(() => FileJson.Read<Note>(path));

        Assert.StartsWith($"{path} cannot be read as this program writes it", error.Message, StringComparison.Ordinal);
        Assert.Contains("LineNumber: 0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("loss: \"sigmoid")]
    [InlineData("loss: \"\\ud800\"")]
    [InlineData("loss: \"a\" b")]
    public void A_string_of_a_configuration_that_is_no_json_is_refused_with_its_line(string line)
    {
        folder.Write(RunConfig.FileName, $"beta: 0.1\n{line}\n");

        var error = Assert.Throws<InvalidDataException>(() => RunConfig.ReadFrom(folder.Path));

        Assert.Contains($"found the line '{line}'", error.Message, StringComparison.Ordinal);
    }

    sealed record Note(string Name);
}
