using System.Text;

namespace OrtDpo.Safetensors.Tests;

/// <summary>Headers and indices whose strings are no text, and files that only name their contents.</summary>
public sealed class BytesOfNoTextTests : IDisposable
{
    const string Header = """{"__metadata__":{"format":"pt?"},"a?":{"dtype":"F3?","shape":[1],"data_offsets":[0,4]}}""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // Each question mark in turn: a value of the metadata, a tensor's name, its dtype.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_byte_that_is_not_utf8_in_a_header_is_refused_with_its_place(int occurrence)
    {
        var bytes = HandMadeSafetensors.File(Header, new byte[4]);
        var at = Places(bytes).ElementAt(occurrence);
        bytes[at] = 0xFF;
        var path = folder.Write("a.safetensors", bytes);

        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));

        Assert.StartsWith($"{path}: byte {at} is 0xFF, which is not valid UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 11)]
    [InlineData("""{"__metadata__":{"k":"\\\udc00"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 32)]
    [InlineData("""{"a":{"dtype":"\ud83d\ud83d","shape":[1],"data_offsets":[0,4]}}""", 23)]
    public void Half_of_a_surrogate_pair_in_a_header_is_refused_with_its_place(string header, int at)
    {
        var path = folder.Write("a.safetensors", HandMadeSafetensors.File(header, new byte[4]));

        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));

        Assert.StartsWith($"{path}: the string at byte {at} holds '\\ud", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0xFF)]
    [InlineData('\\')]
    [InlineData('"')]
    [InlineData('{')]
    public void A_changed_byte_of_a_header_is_refused_in_a_sentence_or_reads_on(int to)
    {
        var whole = HandMadeSafetensors.File(
            """{"__metadata__":{"k":"\ud83d\ude00"},"a\u0041":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", new byte[4]);
        for (var at = 0; at < whole.Length; at++)
        {
            byte[] changed = [.. whole];
            changed[at] = (byte)to;
            var path = folder.Write("a.safetensors", changed);
            try
            {
                SafetensorsFile.Open(path).Dispose();
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Fact]
    public void A_whole_surrogate_pair_is_a_character()
    {
        var header = """{"\\\ud83d\ude00":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";
        using var file = SafetensorsFile.Open(folder.Write("a.safetensors", HandMadeSafetensors.File(header, new byte[4])));

        Assert.Equal("\\😀", Assert.Single(file.Tensors).Key);
    }

    [Fact]
    public void An_index_is_held_to_the_same()
    {
        var text = Encoding.UTF8.GetBytes("""{"weight_map":{"a":"b?.safetensors"}}""");
        var at = Places(text).Single();
        text[at] = 0xC3;
        var path = folder.Write("model.safetensors.index.json", text);

        var error = Assert.Throws<InvalidDataException>(() => ShardedWeights.Open(folder.Path, WeightMapping.ReadOnly));

        Assert.StartsWith($"{path}: byte {at} is 0xC3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_an_index_and_its_shards_may_be_pointers_of_git_lfs()
    {
        void Open() => ShardedWeights.Open(folder.Path, WeightMapping.ReadOnly);

        LfsPointer.IsNamed(folder.File("model.safetensors.index.json"), Open);
        folder.Write("model.safetensors.index.json", """{"weight_map":{"a":"model-00001-of-00001.safetensors"}}""");
        LfsPointer.IsNamed(folder.File("model-00001-of-00001.safetensors"), Open);
        LfsPointer.IsNamed(folder.File("model.safetensors"), Open);
    }

    static IEnumerable<int> Places(byte[] bytes) => Enumerable.Range(0, bytes.Length).Where(i => bytes[i] == '?');
}
