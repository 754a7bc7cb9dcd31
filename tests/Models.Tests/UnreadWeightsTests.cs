namespace OrtDpo.Models.Tests;

/// <summary>Folders whose weights are in a form that is not read: each is named, with the way out.</summary>
public sealed class UnreadWeightsTests : IDisposable
{
    const string Config = """
        {"model_type":"llama","hidden_size":4,"intermediate_size":6,"num_hidden_layers":2,"num_attention_heads":2,"num_key_value_heads":1,
         "vocab_size":5,"max_position_embeddings":8,"rms_norm_eps":1e-5,"tie_word_embeddings":true}
        """;

    // A pickle that would make a folder if anybody unpickled it: os.mkdir('unpickled').
    const string Pickle = "cos\nmkdir\n(S'unpickled'\ntR.";

    readonly TemporaryFolder folder = new();

    public UnreadWeightsTests() => folder.Write("config.json", Config);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("pytorch_model.bin", "pytorch_model.bin")]
    [InlineData("pytorch_model-00001-of-00002.bin", "pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin")]
    [InlineData("consolidated.00.pth", "consolidated.00.pth")]
    [InlineData("model.pt", "model.pt")]
    [InlineData("model.ckpt", "model.ckpt")]
    [InlineData("pytorch_model.bin", "pytorch_model.bin", "optimizer.pt", "training_args.bin")]
    public void Pickles_are_named_and_never_opened(string named, params string[] files)
    {
        foreach (var file in files)
        {
            folder.Write(file, Pickle);
        }

        var error = Refusal<NotSupportedException>();
        Assert.Contains(
            " a Python pickle, and reading one runs whatever code it holds: it is not opened. ", error, StringComparison.Ordinal);
        Assert.StartsWith($"{folder.Path} holds its weights as {named},", error, StringComparison.Ordinal);
        Assert.EndsWith("save_pretrained(…, safe_serialization=True) writes model.safetensors.", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists("unpickled"));
    }

    [Theory]
    [InlineData("model-q4_k_m.gguf")]
    [InlineData("tf_model.h5")]
    [InlineData("flax_model.msgpack")]
    [InlineData("consolidated.safetensors")]
    public void Weights_of_other_programs_are_named(string name)
    {
        folder.Write(name, "x");
        Assert.Contains(
            $"holds its weights as {name}, which is not read. Convert it", Refusal<NotSupportedException>(), StringComparison.Ordinal);
    }

    [Fact]
    public void They_are_named_without_a_configuration_too()
    {
        File.Delete(folder.File("config.json"));
        folder.Write("model.gguf", "GGUF");
        Assert.Contains("model.gguf", Refusal<NotSupportedException>(), StringComparison.Ordinal);
        Assert.Contains(
            "model.gguf", Assert.Throws<NotSupportedException>(() => ModelFolder.ModelOf(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", "is not named in it")]
    [InlineData("\"meta-llama/Llama-3.2-1B\"", "'meta-llama/Llama-3.2-1B' is no model folder here")]
    public void An_adapter_whose_base_is_not_here_asks_for_it(string named, string found)
    {
        File.Delete(folder.File("config.json"));
        folder.Write(
            "adapter_config.json",
            $$"""{"peft_type": "LORA", "r": 4, "target_modules": ["q_proj"], "base_model_name_or_path": {{named}}}""");
        folder.Write("adapter_model.safetensors", "{}");
        Assert.Equal(
            $"{folder.Path} is an adapter, and its base {found}. Give the base as `Model` and the adapter as `Adapter`.",
            Refusal<InvalidDataException>());
    }

    [Theory]
    [InlineData("adapter_config.json", "adapter_model.bin")]
    [InlineData("adapter_model.safetensors")]
    public void An_adapter_beside_a_model_s_configuration_is_named_as_one_with_what_to_do(params string[] files)
    {
        foreach (var file in files)
        {
            folder.Write(file, "{}");
        }

        var error = Refusal<NotSupportedException>();
        Assert.StartsWith($"{folder.Path} is an adapter ({files[0]}), and no model by itself.", error, StringComparison.Ordinal);
        Assert.Contains("Give its base as `Model` and the adapter as `Adapter`", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_without_their_index_are_named()
    {
        folder.Write("model-00001-of-00002.safetensors", "x");
        Assert.Contains(
            "holds model-00001-of-00002.safetensors, and neither model.safetensors nor model.safetensors.index.json, "
            + "which says what lies in which file.",
            Refusal<FileNotFoundException>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pickles_of_a_trainer_are_no_weights()
    {
        folder.Write("training_args.bin", "x");
        folder.Write("optimizer.pt", "x");
        Assert.Contains("holds neither model.safetensors nor", Refusal<FileNotFoundException>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"quant_method":"gptq","bits":4}""", "(gptq)")]
    [InlineData("""{"quant_method":"awq","bits":4}""", "(awq)")]
    [InlineData("""{"load_in_8bit":true}""", "(the method is not named)")]
    public void A_quantized_model_is_named_with_its_method(string section, string method)
    {
        folder.Write("config.json", Config.Replace("{", $"{{\"quantization_config\":{section},", StringComparison.Ordinal));
        folder.Write("model.safetensors", "x");
        var error = Refusal<NotSupportedException>();
        Assert.Contains($"config.json: by quantization_config the weights are quantized {method}.", error, StringComparison.Ordinal);
        Assert.EndsWith("give the model that they were made from.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quantize_config.json")]
    [InlineData("quant_config.json")]
    public void So_is_one_whose_quantiser_has_a_file_of_its_own(string name)
    {
        folder.Write(name, "{}");
        folder.Write("model.safetensors", "x");
        Assert.Contains($"has a {name}: its weights are quantized.", Refusal<NotSupportedException>(), StringComparison.Ordinal);
    }

    string Refusal<T>()
        where T : Exception => Assert.Throws<T>(() => ModelFolder.Open(folder.Path)).Message;
}
