using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Tokenizers.Tests;

public sealed class TokenizerDigestTests
{
    static readonly JsonSerializerOptions Spaced = new() { WriteIndented = true };

    static JsonArray AsPair(JsonNode? merge) => new([.. merge!.GetValue<string>().Split(' ').Select(part => (JsonNode)part)]);

    static string Of(JsonNode definition, string? config = null) => TinyTokenizers.Load(definition, config).Digest;

    [Fact]
    public void How_the_file_is_written_changes_nothing()
    {
        var indented = JsonNode.Parse(TinyTokenizers.Base("byte-level").ToJsonString(Spaced))!;
        var model = indented["model"]!.AsObject();
        model["merges"] = new JsonArray([.. model["merges"]!.AsArray().Select(AsPair)]);
        var type = model["type"]!.DeepClone();
        model.Remove("type");
        model["type"] = type;

        Assert.Equal(Of(TinyTokenizers.Base("byte-level")), Of(indented));
        Assert.Matches("^[0-9a-f]{64}$", Of(indented));
    }

    [Fact]
    public void Whatever_changes_ids_changes_it()
    {
        var digests = new List<string> { Of(TinyTokenizers.Base("sentencepiece")) };
        void Changed(Action<JsonObject> change, string? config = null)
        {
            var definition = TinyTokenizers.Base("sentencepiece");
            change(definition);
            digests.Add(Of(definition, config));
        }

        Changed(d => d["normalizer"] = null);
        Changed(d => d["pre_tokenizer"] = JsonNode.Parse("""{ "type": "Digits", "individual_digits": true }"""));
        Changed(d => d["pre_tokenizer"] = JsonNode.Parse("""{ "type": "Digits", "individual_digits": false }"""));
        Changed(d => d["post_processor"] = null);
        Changed(d => d["model"]!["byte_fallback"] = false);
        Changed(d => d["model"]!["fuse_unk"] = false);
        Changed(d => d["model"]!["ignore_merges"] = true);
        Changed(d => d["model"]!["merges"]!.AsArray().RemoveAt(0));
        Changed(d => d["model"]!["vocab"]!["zzz"] = 5000);
        Changed(d => d["added_tokens"]![1]!["rstrip"] = true);
        Changed(d => d["added_tokens"]!.AsArray().RemoveAt(0));
        Changed(_ => { }, """{ "eos_token": "</s>" }""");
        Changed(_ => { }, """{ "eos_token": "<unk>" }""");

        Assert.Equal(digests.Count, digests.Distinct().Count());
    }

    [Fact]
    public void The_decoder_does_not_change_it()
    {
        var definition = TinyTokenizers.Base("sentencepiece");
        definition["decoder"] = null;

        Assert.Equal(Of(TinyTokenizers.Base("sentencepiece")), Of(definition));
    }
}
