using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Decoders;

/// <summary>What becomes of logits between the vocabulary projection and their softmax: scaled, then soft-capped.</summary>
/// <param name="Scale">With what they are multiplied.</param>
/// <param name="SoftCap">c of c · tanh(logit / c); null: none.</param>
public sealed record LogitTransform(double Scale = 1, double? SoftCap = null)
{
    /// <summary>Nothing.</summary>
    public static LogitTransform None { get; } = new();

    /// <summary>The rows that the vocabulary projection reads, scaled: it is linear, and they are narrower than logits.</summary>
    public Value Rows(GraphBuilder b, Value rows) => Scale == 1 ? rows : b.Mul(rows, b.Scalar(Scale, rows.Type));

    /// <summary>The logits of rows <c>[…, H]</c> by a vocabulary <c>[V, H]</c>.</summary>
    public Value Logits(GraphBuilder b, Value rows, Value vocabulary)
    {
        var logits = b.Linear(Rows(b, rows), vocabulary);
        return SoftCap is { } cap ? b.SoftCap(logits, cap) : logits;
    }
}
