namespace OrtDpo.Autodiff.Fragments;

/// <summary>The names by which the fragments of a decoder, its batches and what follows it find each other.</summary>
public static class FragmentPorts
{
    /// <summary>What the name of an output ends with that the next fragment reads under the rest of the name.</summary>
    public const string OutSuffix = "_out";

    /// <summary>Hidden states <c>[B, S, H]</c>: an output of the embedding, an input of layers and head.</summary>
    public const string Hidden = "hidden";

    /// <summary>A layer's hidden states, which the next fragment reads as <see cref="Hidden"/>.</summary>
    public const string HiddenOut = Hidden + OutSuffix;

    /// <summary>The additive attention mask <c>[B, 1, S, S]</c> that layers share.</summary>
    public const string Mask = "mask";

    /// <summary>The head's log-probabilities of completion tokens, <c>[R, T]</c>, 0 where masked.</summary>
    public const string TokenLogps = "token_logps";

    /// <summary><c>[B, S, V]</c>, unnormalized: what inference reads.</summary>
    public const string Logits = "logits";

    /// <summary>Of the batch, <c>int64 [B, S]</c>: the tokens.</summary>
    public const string InputIds = "input_ids";

    /// <summary>Of the batch, <c>int64 [B, S]</c>: positions within each sequence.</summary>
    public const string PositionIds = "position_ids";

    /// <summary>Of a packed batch, <c>int64 [B, S]</c>: stride·example + {0 prompt, k completion k from 1}, −1 = padding.</summary>
    public const string SegmentIds = "segment_ids";

    /// <summary>Of a stacked batch, <c>int64 [B, S]</c>: 1 = token.</summary>
    public const string AttentionMask = "attention_mask";

    /// <summary>Of the batch, <c>int64 [R, T]</c>: where in B·S each completion token is predicted.</summary>
    public const string CompletionIndex = "completion_index";

    /// <summary>Of the batch, <c>int64 [R, T]</c>: the tokens to score.</summary>
    public const string CompletionIds = "completion_ids";

    /// <summary>Of the batch, <c>[R, T]</c>: 1 = scored.</summary>
    public const string CompletionMask = "completion_mask";
}
