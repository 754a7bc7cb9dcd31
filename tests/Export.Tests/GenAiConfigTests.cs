using System.Text.Json.Nodes;
using OrtDpo.Tokenizers;

namespace OrtDpo.Export.Tests;

/// <summary>What ONNX Runtime GenAI is told of a model; that it understands it is a test of its own.</summary>
public sealed class GenAiConfigTests
{
    [Theory]
    [InlineData("gemma3", "gemma3_text", 3, 4, 2)]
    [InlineData("gpt2", "decoder", 2, 4, 4)]
    [InlineData("olmo2", "decoder", 2, 4, 2)]
    [InlineData("phi3", "phi3", 2, 4, 1)]
    public void Sizes_are_the_models_and_types_those_that_it_takes(string family, string type, int layers, int heads, int groups)
    {
        var model = Of(family, _ => { })["model"]!;
        Assert.Equal(type, (string)model["type"]!);
        Assert.Equal((RandomFamily.Positions, 40), ((int)model["context_length"]!, (int)model["vocab_size"]!));
        var decoder = model["decoder"]!;
        Assert.Equal(
            (layers, heads, groups, 16),
            ((int)decoder["num_hidden_layers"]!, (int)decoder["num_attention_heads"]!, (int)decoder["num_key_value_heads"]!,
                (int)decoder["head_size"]!));
    }

    [Fact]
    public void Without_a_generation_config_search_is_greedy_and_the_end_is_the_padding()
    {
        var config = Of("llama", _ => { });
        Assert.Equal("[0]", config["model"]!["eos_token_id"]!.ToJsonString());
        Assert.Equal(0, (int)config["model"]!["pad_token_id"]!);
        Assert.Null(config["model"]!["bos_token_id"]);
        Assert.Equal(
            ["max_length", "num_beams", "past_present_share_buffer", "top_k"], config["search"]!.AsObject().Select(field => field.Key));
        // GenAI's own default is 50, which is more tokens than there are.
        Assert.Equal(40, (int)config["search"]!["top_k"]!);
    }

    [Fact]
    public void A_generation_config_says_how_to_sample_where_to_stop_and_how_to_pad()
    {
        var config = Of("llama", folder => folder.Write("generation_config.json", """
            {"do_sample": true, "temperature": 0.6, "top_p": 0.9, "top_k": 20, "eos_token_id": [5, 0], "pad_token_id": 7, "max_length": 20}
            """));
        var ends = config["model"]!["eos_token_id"]!.AsArray().Select(id => (int)id!).Order();
        Assert.Equal([0, 5], ends);
        Assert.Equal(7, (int)config["model"]!["pad_token_id"]!);
        var search = config["search"]!;
        Assert.True((bool)search["do_sample"]!);
        Assert.Equal((0.6, 0.9, 20), ((double)search["temperature"]!, (double)search["top_p"]!, (int)search["top_k"]!));
        Assert.Equal(RandomFamily.Positions, (int)search["max_length"]!);
    }

    [Theory]
    [InlineData("""{"top_k": 1000}""", 40)]
    [InlineData("""{"top_k": -1}""", 0)]
    [InlineData("""{"top_k": 0}""", 0)]
    [InlineData("""{"top_k": null, "top_p": "0.9", "do_sample": 1}""", 40)]
    public void A_number_of_tokens_is_one_that_GenAI_takes_and_what_is_no_number_is_left_out(string generation, int topK)
    {
        var search = Of("llama", folder => folder.Write("generation_config.json", generation))["search"]!;
        Assert.Equal(topK, (int)search["top_k"]!);
        Assert.Null(search["top_p"]);
        Assert.Null(search["do_sample"]);
    }

    static JsonNode Of(string family, Action<TemporaryFolder> add)
    {
        using var folder = new TemporaryFolder();
        var model = RandomFamily.Write(family, folder);
        add(folder);
        return JsonNode.Parse(GenAiConfig.Of(model, ModelTokenizer.Load(folder.Path), folder.Path))!;
    }
}
