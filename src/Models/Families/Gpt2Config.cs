using System.Globalization;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>What <c>config.json</c> says of a model of <c>model_type</c> gpt2.</summary>
public sealed record Gpt2Config
{
    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int Layers { get; init; }

    /// <summary>A divisor of <see cref="HiddenSize"/>.</summary>
    public required int Heads { get; init; }

    public required int VocabSize { get; init; }

    /// <summary>Rows of the position embedding.</summary>
    public required int Positions { get; init; }

    public required double LayerNormEps { get; init; }

    /// <summary><c>gelu_new</c> or <c>gelu_pytorch_tanh</c>: by tanh; <c>gelu</c>: by erf.</summary>
    public required string Activation { get; init; }

    /// <summary>Whether attention's scores are divided by the root of a head's size.</summary>
    public required bool ScaleAttention { get; init; }

    public required bool TieWordEmbeddings { get; init; }

    /// <summary>What a reader of a run should know of how the configuration was read.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    internal static Gpt2Config Read(ConfigFile json)
    {
        json.Require("model_type", ["gpt2"]);
        json.Require("scale_attn_by_inverse_layer_idx", false);
        json.Require("add_cross_attention", false);
        var hidden = json.Positive("n_embd");
        var config = new Gpt2Config
        {
            HiddenSize = hidden,
            IntermediateSize = json.Positive("n_inner", absent: 4 * hidden),
            Layers = json.Layers("n_layer"),
            Heads = json.Positive("n_head"),
            VocabSize = json.Positive("vocab_size"),
            Positions = json.Positive("n_positions"),
            LayerNormEps = json.PositiveNumber("layer_norm_epsilon", absent: 1e-5),
            Activation = json.Require("activation_function", ["gelu_new", "gelu_pytorch_tanh", "gelu"], absent: "gelu_new"),
            ScaleAttention = json.Flag("scale_attn_weights", absent: true),
            TieWordEmbeddings = json.Flag("tie_word_embeddings", absent: true),
        };
        return hidden % config.Heads == 0
            ? config with { Notes = [.. ConfigFields.Check(json, "gpt2")] }
            : throw new InvalidDataException($"{json.Path}: n_head is {config.Heads}. Expected a divisor of n_embd, which is {hidden}.");
    }

    /// <inheritdoc cref="DecoderModel.Canonical"/>
    public string Canonical() => string.Create(CultureInfo.InvariantCulture, $"""
        model_type=gpt2
        n_embd={HiddenSize}
        n_inner={IntermediateSize}
        n_layer={Layers}
        n_head={Heads}
        vocab_size={VocabSize}
        n_positions={Positions}
        layer_norm_epsilon={LayerNormEps}
        activation_function={(Activation == "gelu" ? "gelu" : "gelu_new")}
        scale_attn_weights={(ScaleAttention ? "true" : "false")}
        tie_word_embeddings={(TieWordEmbeddings ? "true" : "false")}

        """);
}
