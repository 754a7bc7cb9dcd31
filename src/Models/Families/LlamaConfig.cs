using System.Globalization;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>What <c>config.json</c> says of a Llama or of a model that is one but for a name, biases or a sliding window.</summary>
public sealed record LlamaConfig
{
    /// <summary><c>model_type</c>: llama, mistral or qwen2.</summary>
    public string Family { get; init; } = "llama";

    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int NumHiddenLayers { get; init; }

    public required int NumAttentionHeads { get; init; }

    /// <summary>NumAttentionHeads of keys and values; a divisor of <see cref="NumAttentionHeads"/>.</summary>
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Features of one head; even, for the rotary pairs.</summary>
    public required int HeadDim { get; init; }

    public required int VocabSize { get; init; }

    /// <summary>The longest sequence, in tokens, that the model was made for.</summary>
    public required int MaxPositionEmbeddings { get; init; }

    public required double RmsNormEps { get; init; }

    public required RotaryEmbedding Rotary { get; init; }

    /// <summary>Whether the output projection is the embedding matrix.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Whether the projections to queries, keys and values add a bias.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether attention's output projection adds a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Whether the feed-forward projections add a bias.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Which layers see the last tokens only.</summary>
    public SlidingWindow Sliding { get; init; } = SlidingWindow.None;

    /// <summary>The beginning-of-sequence token, where the configuration names one.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>The end-of-sequence tokens that the configuration names; several for some chat models.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary><c>[HeadDim / 2]</c>, radians per position of each rotary pair.</summary>
    public double[] RopeFrequencies() => Rotary.InverseFrequencies(HeadDim);

    /// <summary>Reads <c>config.json</c>.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A field is missing, or has a value that no Llama model has.</exception>
    /// <exception cref="NotSupportedException">The model is of another type, or uses a variant that is not built.</exception>
    public static LlamaConfig Read(string path)
    {
        using var json = ConfigFile.Open(path);
        return Read(json);
    }

    internal static LlamaConfig Read(ConfigFile json)
    {
        var family = json.Require("model_type", ["llama", "mistral", "qwen2"]);
        json.Require("hidden_act", ["silu"], absent: "silu");
        var hidden = json.Positive("hidden_size");
        var heads = json.Positive("num_attention_heads");
        var layers = json.Layers("num_hidden_layers");
        var positions = json.Positive("max_position_embeddings");
        // Only Llama reads these fields; a Qwen2 has its biases without saying so.
        var (attentionBias, mlpBias) = family == "llama"
            ? (json.Flag("attention_bias", absent: false), json.Flag("mlp_bias", absent: false))
            : default;
        var config = new LlamaConfig
        {
            Family = family,
            HiddenSize = hidden,
            IntermediateSize = json.Positive("intermediate_size"),
            NumHiddenLayers = layers,
            NumAttentionHeads = heads,
            NumKeyValueHeads = json.Positive("num_key_value_heads", absent: family == "llama" ? heads : null),
            HeadDim = json.Positive("head_dim", absent: hidden / heads),
            VocabSize = json.Positive("vocab_size"),
            MaxPositionEmbeddings = positions,
            RmsNormEps = json.PositiveNumber("rms_norm_eps"),
            Rotary = RotaryEmbedding.Read(json),
            TieWordEmbeddings = json.Flag("tie_word_embeddings", absent: false),
            QueryKeyValueBias = attentionBias || family == "qwen2",
            OutputBias = attentionBias,
            MlpBias = mlpBias,
            Sliding = SlidingWindow.Read(json, family, layers, positions),
            BosTokenId = json.TokenIds("bos_token_id") is [var bos, ..] ? bos : null,
            EosTokenIds = json.TokenIds("eos_token_id"),
        };
        config.Check(json.Path);
        return config;
    }

    /// <inheritdoc cref="DecoderModel.Canonical"/>
    public string Canonical() => string.Create(CultureInfo.InvariantCulture, $"""
        model_type={Family}
        hidden_size={HiddenSize}
        intermediate_size={IntermediateSize}
        num_hidden_layers={NumHiddenLayers}
        num_attention_heads={NumAttentionHeads}
        num_key_value_heads={NumKeyValueHeads}
        head_dim={HeadDim}
        vocab_size={VocabSize}
        rms_norm_eps={RmsNormEps}
        rotary={Rotary.Canonical()}
        tie_word_embeddings={(TieWordEmbeddings ? "true" : "false")}

        """) + Sliding.Canonical();

    void Check(string path)
    {
        if (NumAttentionHeads % NumKeyValueHeads != 0)
        {
            throw new InvalidDataException(
                $"{path}: num_key_value_heads is {NumKeyValueHeads}. "
                + $"Expected a divisor of num_attention_heads, which is {NumAttentionHeads}.");
        }

        if (HeadDim % 2 != 0)
        {
            throw new InvalidDataException($"{path}: head_dim is {HeadDim}. Rotary positions need an even number.");
        }
    }
}
