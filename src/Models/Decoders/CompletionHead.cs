using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;

namespace OrtDpo.Models.Decoders;

/// <summary>
/// What the heads of all families share: the hidden states of completion positions are gathered first, so that the vocabulary projection
/// runs on nothing else.
/// </summary>
sealed class CompletionHead
{
    readonly GraphBuilder builder;
    readonly DataType type;
    readonly Shape completion;
    readonly Value ids;
    readonly Value scored;

    public CompletionHead(GraphBuilder b, ModelSizes sizes, DataType type, Dim? completions)
    {
        builder = b;
        this.type = type;
        completion = new Shape(completions ?? "R", "T");
        var hidden = b.Input(FragmentPorts.Hidden, type, new Shape("B", "S", sizes.HiddenSize));
        var index = b.Input(FragmentPorts.CompletionIndex, DataType.Int64, completion);
        ids = b.Input(FragmentPorts.CompletionIds, DataType.Int64, completion);
        scored = b.Input(FragmentPorts.CompletionMask, type, completion);
        Rows = b.Gather(b.Reshape(hidden, new Shape((Dim)"B" * "S", sizes.HiddenSize)), b.Reshape(index, new Shape(completion.Elements)));
    }

    /// <summary>The hidden states that predict completion tokens: <c>[R·T, H]</c>.</summary>
    public Value Rows { get; }

    /// <summary>Log-probabilities <c>[R, T]</c> of the completion tokens, 0 where masked.</summary>
    /// <param name="rows"><c>[R·T, H]</c>.</param>
    /// <param name="vocabulary"><c>[V, H]</c>.</param>
    /// <param name="transform">What becomes of the logits; null: nothing.</param>
    public Value TokenLogps(Value rows, Value vocabulary, LogitTransform? transform = null)
    {
        transform ??= LogitTransform.None;
        return Masked(builder.TokenLogProbs(
            transform.Rows(builder, rows), vocabulary, builder.Reshape(ids, new Shape(completion.Elements)), transform.SoftCap));
    }

    /// <summary>The same of logits <c>[R·T, V]</c> that something else than a product with <c>[V, H]</c> made.</summary>
    public Value TokenLogps(Value logits)
    {
        var (b, column) = (builder, new Shape(completion.Elements, 1));
        return Masked(b.Squeeze(b.GatherElements(b.LogSoftmax(logits), b.Reshape(ids, column), axis: 1), 1));
    }

    // Where, not Mul: a padded position could hold an infinity, and 0 · ∞ is NaN.
    Value Masked(Value logps)
    {
        var b = builder;
        return b.Where(b.Add("Greater", [scored, b.Scalar(0, type)]), b.ReshapeLike(logps, scored), b.Scalar(0, type));
    }
}
