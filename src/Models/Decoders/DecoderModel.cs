using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;

namespace OrtDpo.Models.Decoders;

/// <summary>
/// A decoder as fragments: <c>embed</c>, layers, <c>head</c>. A fragment's inputs are parameters, or are found by name: in the batch
/// (<c>input_ids</c>, <c>position_ids</c>, <c>segment_ids</c>, <c>attention_mask</c>, <c>completion_*</c>), in <see cref="Tables"/>, or
/// among the outputs of <c>embed</c>; <c>hidden</c> is what the fragment before made. How a family is added: docs/model-families.md.
/// </summary>
/// <param name="sizes">Sizes.</param>
/// <param name="type">Element type of weights and activations: float32 to run, float64 for tests.</param>
public abstract class DecoderModel(ModelSizes sizes, DataType type)
{
    public ModelSizes Sizes { get; } = sizes;

    public DataType Type { get; } = type;

    /// <summary>How batches of this model are laid out.</summary>
    public virtual BatchLayout Layout => BatchLayout.Packed;

    /// <summary><c>model_type</c> in <c>config.json</c>.</summary>
    public abstract string Family { get; }

    /// <summary>Its tensors, in the order of the forward pass.</summary>
    public abstract IReadOnlyList<ModelParameter> Parameters { get; }

    /// <summary>Whether a parameter is one of those that training changes; the others are frozen.</summary>
    public virtual bool Trains(string parameter) => true;

    /// <summary>
    /// The fields that change numbers, one <c>name=value</c> line each in a fixed order: part of the reference digest. Numbers are written
    /// as .NET's shortest round-trip text.
    /// </summary>
    public abstract string Canonical();

    /// <summary>
    /// The same model for sequences of at most <paramref name="maxLength"/> tokens, where its numbers depend on how long sequences may be;
    /// itself where they do not. A run has one such length, whatever its batches are.
    /// </summary>
    public virtual DecoderModel For(int maxLength) => this;

    /// <summary>
    /// Why there are no more positions than <see cref="Sizes"/> says, as words that follow "and"; null where the model has no more.
    /// </summary>
    public virtual string? PositionsReason => null;

    /// <summary>
    /// Tokens to hidden states. Inputs <c>input_ids</c> and whatever else of the batch is needed, int64 [B, S]; outputs <c>hidden</c> [B,
    /// S, H], and what the layers share, such as the additive <c>mask</c> [B, 1, S, S].
    /// </summary>
    public abstract Fragment Embed();

    /// <summary>
    /// The same for stacked rows, as inference hosts feed them: <c>attention_mask</c> (int64 [B, S], 1 = token) in place of
    /// <c>segment_ids</c>.
    /// </summary>
    public abstract Fragment EmbedStacked();

    /// <summary>
    /// The layers, from <c>hidden</c> to <c>hidden_out</c> [B, S, H]. Those that are alike share one graph, the same instance, and differ
    /// in the parameters that it is bound to.
    /// </summary>
    public abstract IReadOnlyList<Fragment> Layers();

    /// <summary>
    /// How many positions a query sees through <paramref name="mask"/>, an output of <see cref="Embed"/>, itself included; null: all.
    /// </summary>
    public virtual int? WindowOf(string mask) => null;

    /// <summary>
    /// Hidden states to log-probabilities of the completion tokens. Inputs <c>hidden</c> [B, S, H], <c>completion_index</c>,
    /// <c>completion_ids</c> (int64 [R, T]), <c>completion_mask</c> [R, T]; output <c>token_logps</c> [R, T], 0 where masked.
    /// </summary>
    /// <param name="completions">R, where it is known to be more than a symbol: 2P for pairs.</param>
    public abstract Fragment Head(Dim? completions = null);

    /// <summary>Hidden states to <c>logits</c> [B, S, V]: for export and for generating text.</summary>
    public abstract Fragment Logits();

    /// <summary>The fragments' inputs that follow from the configuration.</summary>
    public virtual IReadOnlyList<ModelTable> Tables() => [];

    /// <summary>
    /// With what the names of the body's parameters begin, all but the head's; checkpoints may have another prefix there, or none.
    /// </summary>
    public virtual string BodyPrefix => "";

    /// <summary>Whether a checkpoint's tensor is no parameter but a buffer that follows from the configuration.</summary>
    public virtual bool IsBuffer(string tensor) => false;

    /// <summary>The head and the embedding that it may be; null where the configuration says nothing of it.</summary>
    public virtual HeadTie? Tie => null;

    /// <summary>What a reader of a run should know of how the model was read.</summary>
    public virtual IReadOnlyList<string> Notes => [];

    /// <summary>
    /// Completes a checkpoint: <paramref name="folder"/> holds <c>model.safetensors</c> with the parameters, and becomes a model folder.
    /// </summary>
    public virtual void WriteBeside(string folder)
    {
    }
}
