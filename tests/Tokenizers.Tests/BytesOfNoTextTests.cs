using System.Text;

namespace OrtDpo.Tokenizers.Tests;

/// <summary>Tokenizer files whose strings are no text, and files that only name their contents.</summary>
public sealed class BytesOfNoTextTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("tokenizer.json", """{"model":{"type":"BP?"}}""")]
    [InlineData("tokenizer.json", """{"model":{"type":"BPE","vocab":{"?":0},"merges":[]}}""")]
    [InlineData("tokenizer_config.json", """{"eos_token":"?"}""")]
    [InlineData("generation_config.json", """{"_from_model_config":true,"note?":1}""")]
    public void A_byte_that_is_not_utf8_is_refused_with_its_place(string name, string text)
    {
        folder.Write("tokenizer.json", TinyTokenizers.Base("byte-level").ToJsonString());
        var bytes = Encoding.UTF8.GetBytes(text);
        var at = Array.IndexOf(bytes, (byte)'?');
        bytes[at] = 0x80;
        var path = folder.Write(name, bytes);

        var error = Assert.Throws<InvalidDataException>(() => ModelTokenizer.Load(folder.Path));

        Assert.StartsWith($"{path}: byte {at} is 0x80, which is not valid UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer.json", """{"model":{"type":"\ud800"}}""")]
    [InlineData("tokenizer_config.json", """{"tokenizer_class":"\udfff!"}""")]
    public void Half_of_a_surrogate_pair_is_refused_with_its_place(string name, string text)
    {
        folder.Write("tokenizer.json", TinyTokenizers.Base("byte-level").ToJsonString());
        var path = folder.Write(name, text);

        var error = Assert.Throws<InvalidDataException>(() => ModelTokenizer.Load(folder.Path));

        var at = text.IndexOf('\\', StringComparison.Ordinal);
        Assert.StartsWith($"{path}: the string at byte {at} holds '\\ud", error.Message, StringComparison.Ordinal);
    }

    // What a damaged copy may hold: any byte anywhere, and the beginnings of escapes.
    [Theory]
    [InlineData("byte-level")]
    [InlineData("sentencepiece")]
    public void A_changed_byte_is_refused_in_a_sentence_or_reads_on(string name)
    {
        var whole = Encoding.UTF8.GetBytes(TinyTokenizers.Base(name).ToJsonString());
        var random = new Random(17);
        for (var i = 0; i < 300; i++)
        {
            byte[] changed = [.. whole];
            var at = random.Next(whole.Length - 6);
            if (i % 3 == 0)
            {
                "\\ud800"u8.CopyTo(changed.AsSpan(at));
            }
            else
            {
                changed[at] = (byte)random.Next(256);
            }

            folder.Write("tokenizer.json", changed);
            try
            {
                ModelTokenizer.Load(folder.Path);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
            }
        }
    }

    [Fact]
    public void Any_tokenizer_file_may_be_a_pointer_of_git_lfs()
    {
        void Load() => ModelTokenizer.Load(folder.Path);

        folder.Write("vocab.json", """{"a":0}""");
        LfsPointer.IsNamed(folder.File("merges.txt"), Load);
        LfsPointer.IsNamed(folder.File("vocab.json"), Load);
        LfsPointer.IsNamed(folder.File("tokenizer.model"), Load);
        LfsPointer.IsNamed(folder.File("tokenizer.json"), Load);
    }

    [Theory]
    [InlineData("Qwen/Qwen2.5-0.5B-Instruct", "`hf download Qwen/Qwen2.5-0.5B-Instruct --local-dir Qwen2.5-0.5B-Instruct`")]
    [InlineData("https://hub.example/openai-community/gpt2", "`hf download openai-community/gpt2 --local-dir gpt2`")]
    [InlineData("hf://HuggingFaceTB/SmolLM2-135M", "`hf download HuggingFaceTB/SmolLM2-135M --local-dir SmolLM2-135M`")]
    public void A_name_on_a_hub_says_that_nothing_is_downloaded_and_what_to_do(string name, string command)
    {
        var error = Assert.Throws<DirectoryNotFoundException>(() => ModelTokenizer.Load(name));

        Assert.Contains("nothing is downloaded", error.Message, StringComparison.Ordinal);
        Assert.Contains(command, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("./missing/model")]
    [InlineData("../model")]
    [InlineData("models/mine/last")]
    [InlineData("model")]
    public void A_path_is_no_name_on_a_hub(string path) => Assert.DoesNotContain(
        "download", Assert.Throws<DirectoryNotFoundException>(() => ModelTokenizer.Load(path)).Message, StringComparison.Ordinal);
}
