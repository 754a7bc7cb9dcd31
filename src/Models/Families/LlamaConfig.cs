using System.Globalization;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>
/// What <c>config.json</c> says of a Llama or of a model that has its form: root-mean-square norms, rotary positions, grouped heads, a
/// gated feed-forward part. The file of each family says what it has of its own.
/// </summary>
public sealed record LlamaConfig
{
    /// <summary><c>model_type</c>.</summary>
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

    /// <summary>Positions of the layers with a window, where they have others.</summary>
    public RotaryEmbedding? SlidingRotary { get; init; }

    /// <summary>Numbers of the layers whose queries and keys are not rotated.</summary>
    public IReadOnlySet<int> UnrotatedLayers { get; init; } = new HashSet<int>();

    /// <summary>Whether the output projection is the embedding matrix.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Whether the projections to queries, keys and values add a bias.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether attention's output projection adds a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Whether the feed-forward projections add a bias.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether queries, keys and values are one matrix, and gate and up another.</summary>
    public bool FusedProjections { get; init; }

    /// <summary>Which layers see the last tokens only.</summary>
    public SlidingWindow Sliding { get; init; } = SlidingWindow.None;

    /// <summary>Where the norms stand.</summary>
    public LlamaNorms Norms { get; init; } = LlamaNorms.Before;

    /// <summary>Whether a norm multiplies with 1 + its weight.</summary>
    public bool NormsAddOne { get; init; }

    /// <summary>What is normed of queries and keys.</summary>
    public QueryKeyNorms QueryKeyNorms { get; init; }

    /// <summary>Whether the gate goes through GELU (by tanh) in place of SiLU.</summary>
    public bool GeluGate { get; init; }

    /// <summary>With what scores are multiplied; null: 1 / √<see cref="HeadDim"/>.</summary>
    public double? AttentionScale { get; init; }

    /// <summary>c of c · tanh(score / c); null: none.</summary>
    public double? AttentionSoftCap { get; init; }

    /// <summary>With what embeddings are multiplied.</summary>
    public double EmbeddingScale { get; init; } = 1;

    /// <summary>With what is multiplied that a layer's parts add to the residual.</summary>
    public double ResidualScale { get; init; } = 1;

    /// <summary>What becomes of logits before their softmax.</summary>
    public LogitTransform Logits { get; init; } = LogitTransform.None;

    /// <summary>The beginning-of-sequence token, where the configuration names one.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>The end-of-sequence tokens that the configuration names; several for some chat models.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>What a reader of a run should know of how the configuration was read.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The longest sequence in tokens that the graphs are exact for.</summary>
    public int MaxPositions => Math.Min(MaxPositionEmbeddings, Rotary.MaxPositions);

    /// <summary><c>[HeadDim / 2]</c>, radians per position of each rotary pair.</summary>
    public double[] RopeFrequencies() => Rotary.InverseFrequencies(HeadDim);

    /// <summary>Reads <c>config.json</c>.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A field is missing, or has a value that no such model has.</exception>
    /// <exception cref="NotSupportedException">The model is of another type, or uses a variant that is not built.</exception>
    public static LlamaConfig Read(string path)
    {
        using var json = ConfigFile.Open(path);
        return ModelFamilies.ReadLlama(json);
    }

    /// <summary>The fields that all families have.</summary>
    /// <param name="json">The configuration.</param>
    /// <param name="family">Its <c>model_type</c>.</param>
    /// <param name="grouped">Whether the heads of keys and values must be told; otherwise absent ones are as many as queries'.</param>
    /// <param name="headDim">A head's size where it is not told; null: hidden size / heads.</param>
    /// <param name="theta">The base of rotary positions where it is not told.</param>
    /// <param name="tied">Whether the head is the embedding where it is not told.</param>
    /// <param name="eps">The norms' ε where it is not told; null: it must be.</param>
    /// <param name="partly">Whether the family may rotate a part of a head.</param>
    internal static LlamaConfig ReadShared(
        ConfigFile json, string family, bool grouped = false, int? headDim = null, double theta = 10_000, bool tied = false,
        double? eps = null, bool partly = false)
    {
        var hidden = json.Positive("hidden_size");
        var heads = json.Positive("num_attention_heads");
        var size = json.Positive("head_dim", absent: headDim ?? hidden / heads);
        return new LlamaConfig
        {
            Family = family,
            HiddenSize = hidden,
            IntermediateSize = json.Positive("intermediate_size"),
            NumHiddenLayers = json.Layers("num_hidden_layers"),
            NumAttentionHeads = heads,
            NumKeyValueHeads = json.Positive("num_key_value_heads", absent: grouped ? null : heads),
            HeadDim = size,
            VocabSize = json.Positive("vocab_size"),
            MaxPositionEmbeddings = json.Positive("max_position_embeddings"),
            RmsNormEps = json.PositiveNumber("rms_norm_eps", eps),
            Rotary = RotaryReader.Read(json, size, theta, partly),
            TieWordEmbeddings = json.Flag("tie_word_embeddings", absent: tied),
            BosTokenId = json.TokenIds("bos_token_id") is [var bos, ..] ? bos : null,
            EosTokenIds = json.TokenIds("eos_token_id"),
        };
    }

    /// <summary>The same with biases where <c>attention_bias</c> puts them.</summary>
    internal LlamaConfig WithAttentionBias(ConfigFile json) =>
        json.Flag("attention_bias", absent: false) ? this with { QueryKeyValueBias = true, OutputBias = true } : this;

    /// <inheritdoc cref="DecoderModel.For"/>
    public LlamaConfig For(int maxLength)
    {
        var (all, sliding) = (Rotary.For(maxLength), SlidingRotary?.For(maxLength));
        return ReferenceEquals(all, Rotary) && ReferenceEquals(sliding, SlidingRotary)
            ? this
            : this with { Rotary = all, SlidingRotary = sliding };
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

        """) + Sliding.Canonical() + string.Concat(Rest());

    internal void Check(string path)
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

    // What not every family has; absent where it changes nothing, so that the digests of the others stay.
    IEnumerable<string> Rest()
    {
        if (SlidingRotary is { } sliding)
        {
            yield return $"rotary_sliding={sliding.Canonical()}\n";
        }

        if (UnrotatedLayers.Count > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"unrotated={string.Join(',', UnrotatedLayers.Order())}\n");
        }

        (string Name, double? Value)[] numbers =
        [
            ("attention_scale", AttentionScale),
            ("attention_soft_cap", AttentionSoftCap),
            ("embedding_scale", EmbeddingScale == 1 ? null : EmbeddingScale),
            ("residual_scale", ResidualScale == 1 ? null : ResidualScale),
            ("logit_scale", Logits.Scale == 1 ? null : Logits.Scale),
            ("logit_soft_cap", Logits.SoftCap),
        ];
        foreach (var (name, value) in numbers)
        {
            if (value is { } number)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{name}={number}\n");
            }
        }
    }
}
