namespace OrtDpo.Autodiff.Building;

/// <summary>The composites of this project: operators that are single nodes while differentiating and are lowered afterwards.</summary>
public static class CompositeOps
{
    /// <summary>
    /// Softmax of masked, scaled scores of queries and keys, times values. Spelled out wherever its graph becomes part of another
    /// (<see cref="GraphBuilder.Inline"/>) or is lowered; a node only to be cut at.
    /// </summary>
    public static readonly Op Attention = new(Op.Composite, "Attention");

    /// <summary>log(1 − eˣ) for x &lt; 0.</summary>
    public static readonly Op Log1mExp = new(Op.Composite, "Log1mExp");

    /// <summary>x / √(mean of squares + ε) · scale over the last dimension, and 1 / that root.</summary>
    public static readonly Op RmsNorm = new(Op.Composite, "RmsNorm");

    /// <summary>Halves of <c>[B, heads, S, D]</c> rotated by the angles of their positions.</summary>
    public static readonly Op Rope = new(Op.Composite, "Rope");

    /// <summary>Rows added to the lines of a matrix at indices, which may repeat.</summary>
    public static readonly Op ScatterRowsAdd = new(Op.Composite, "ScatterRowsAdd");

    /// <summary>log(1 + eˣ).</summary>
    public static readonly Op Softplus = new(Op.Composite, "Softplus");

    /// <summary>A vector in ascending order, and where its elements stood.</summary>
    public static readonly Op Sort = new(Op.Composite, "Sort");

    /// <summary>Log-probabilities of token ids under the softmax of hidden · vocabularyᵀ.</summary>
    public static readonly Op TokenLogProbs = new(Op.Composite, "TokenLogProbs");
}
