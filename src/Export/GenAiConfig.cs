using System.Text.Json.Nodes;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Decoders;
using OrtDpo.Runs;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Export;

/// <summary><c>genai_config.json</c>: what ONNX Runtime GenAI reads of a model, of the form of its version 0.18.</summary>
static class GenAiConfig
{
    public const string FileName = "genai_config.json";

    // Families that it does not know, or whose cache it expects in another form: as any decoder.
    static readonly string[] AnyDecoder = ["gpt2", "olmo2"];

    // What of generation_config.json has the same name and meaning there, beside the tokens to choose from.
    static readonly string[] SearchFields = ["repetition_penalty", "temperature", "top_p"];

    // What both take where nothing is said.
    const int DefaultTopK = 50;

    /// <summary>The file's text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="folder">The model's folder, whose <c>generation_config.json</c> says how to sample by default.</param>
    /// <param name="compute">What the graph computes in.</param>
    public static string Of(DecoderModel model, ModelTokenizer tokenizer, string folder, WeightType compute = WeightType.F32)
    {
        // No other provider has kernels for bfloat16 in all of its nodes.
        JsonArray providers = compute == WeightType.BF16 ? [new JsonObject { ["cuda"] = new JsonObject() }] : [];
        var attention = model.Layers()[0].Graph.Nodes.Single(node => node.Op == CompositeOps.Attention);
        var (queries, keys) = (attention.Input(0).Shape, attention.Input(1).Shape);
        var (generation, config) = (Fields(folder, "generation_config.json"), Fields(folder, "config.json"));
        var about = new JsonObject
        {
            ["type"] = AnyDecoder.Contains(model.Family) ? "decoder" : model.Family,
            ["context_length"] = model.Sizes.MaxPositions,
            ["vocab_size"] = model.Sizes.VocabSize,
            ["decoder"] = new JsonObject
            {
                ["filename"] = "model.onnx",
                ["session_options"] = new JsonObject { ["log_id"] = "onnxruntime-genai", ["provider_options"] = providers },
                ["hidden_size"] = model.Sizes.HiddenSize,
                ["num_hidden_layers"] = model.Layers().Count,
                ["num_attention_heads"] = queries[1].Value,
                ["num_key_value_heads"] = keys[1].Value,
                ["head_size"] = keys[3].Value,
                ["inputs"] = new JsonObject
                {
                    ["input_ids"] = FragmentPorts.InputIds,
                    ["attention_mask"] = FragmentPorts.AttentionMask,
                    ["position_ids"] = FragmentPorts.PositionIds,
                    ["past_key_names"] = $"{CachePorts.PastPrefix}%d.key",
                    ["past_value_names"] = $"{CachePorts.PastPrefix}%d.value",
                },
                ["outputs"] = new JsonObject
                {
                    ["logits"] = FragmentPorts.Logits,
                    ["present_key_names"] = $"{CachePorts.PresentPrefix}%d.key",
                    ["present_value_names"] = $"{CachePorts.PresentPrefix}%d.value",
                },
            },
        };
        AddTokens(about, tokenizer, PadOf(generation) ?? PadOf(config));
        var search = new JsonObject
        {
            ["max_length"] = model.Sizes.MaxPositions, ["num_beams"] = 1, ["past_present_share_buffer"] = false,
        };
        AddSampling(search, generation, model.Sizes.VocabSize);
        return new JsonObject { ["model"] = about, ["search"] = search }.ToJsonString(FileJson.Options) + "\n";
    }

    static void AddSampling(JsonObject search, JsonObject? generation, int vocabulary)
    {
        if (generation?["do_sample"] is JsonValue said && said.TryGetValue<bool>(out var samples))
        {
            search["do_sample"] = samples;
        }

        foreach (var field in SearchFields)
        {
            if (generation?[field] is JsonValue value && value.TryGetValue<double>(out var number))
            {
                search[field] = number;
            }
        }

        // Transformers takes no more tokens than there are, and some write -1 for all of them; GenAI refuses both.
        var asked = generation?["top_k"] is JsonValue top && top.TryGetValue<int>(out var tokens) ? tokens : (int?)null;
        if (asked is not null || vocabulary < DefaultTopK)
        {
            search["top_k"] = Math.Clamp(asked ?? DefaultTopK, 0, vocabulary);
        }
    }

    // A row of a batch is padded with the pad token, which is read as padding wherever it ends a row: a model that has none gets the token
    // at which it stops, as is usual.
    static void AddTokens(JsonObject about, ModelTokenizer tokenizer, int? pad)
    {
        if (tokenizer.BosId is { } first)
        {
            about["bos_token_id"] = first;
        }

        if (tokenizer.EosIds.Count > 0)
        {
            about["eos_token_id"] = new JsonArray([.. tokenizer.EosIds.Select(id => JsonValue.Create(id))]);
        }

        about["pad_token_id"] = pad ?? (tokenizer.EosIds.Count > 0 ? tokenizer.EosIds[0] : 0);
    }

    static int? PadOf(JsonObject? fields) =>
        fields?["pad_token_id"] is JsonValue value && value.TryGetValue<int>(out var id) && id >= 0 ? id : null;

    static JsonObject? Fields(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) as JsonObject : null;
    }
}
