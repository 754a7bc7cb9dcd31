using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>SmolLM3: Llama's form without rotary positions in some layers (arXiv:2501.18795), which may have a window.</summary>
static class SmolLm3
{
    public static LlamaConfig Read(ConfigFile json)
    {
        json.Require("hidden_act", ["silu"], absent: "silu");
        var config = LlamaConfig.ReadShared(json, "smollm3", grouped: true, theta: 2_000_000, tied: true, eps: 1e-6)
            .WithAttentionBias(json);
        var layers = config.NumHiddenLayers;
        var interval = json.Positive("no_rope_layer_interval", absent: 4);
        // 1 stands for rotary positions, whatever the field's name says.
        var rotated = json.LayerFlags("no_rope_layers", layers)
            ?? [.. Enumerable.Range(1, layers).Select(number => number % interval != 0)];
        var size = json.Flag("use_sliding_window", absent: false) ? SlidingWindow.SizeOf(json, config.MaxPositionEmbeddings) : null;
        return config with
        {
            MlpBias = json.Flag("mlp_bias", absent: false),
            UnrotatedLayers = Enumerable.Range(0, layers).Where(i => !rotated[i]).ToHashSet(),
            Sliding = SlidingWindow.Read(json, layers, size, i => !rotated[i]),
        };
    }
}
