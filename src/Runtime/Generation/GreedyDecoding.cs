using System.Numerics.Tensors;

namespace OrtDpo.Runtime.Generation;

/// <summary>Greedy decoding: always the likeliest token, the first of equals.</summary>
public static class GreedyDecoding
{
    /// <inheritdoc cref="TokenDecoding.Continue"/>
    public static IEnumerable<int> Continue(
        IReadOnlyList<int> prompt, int maxNewTokens, IReadOnlyCollection<int> endOfSequence, Func<long[], float[]> nextLogits) =>
        TokenDecoding.Continue(prompt, maxNewTokens, endOfSequence, nextLogits, new TokenChoice());

    /// <summary>The likeliest token.</summary>
    /// <param name="logits"><c>[V]</c>, unnormalized.</param>
    /// <exception cref="InvalidDataException">A logit is NaN or ∞, or all are −∞.</exception>
    public static int Likeliest(ReadOnlySpan<float> logits)
    {
        // Of numbers with a NaN among them, the NaN.
        var likeliest = TensorPrimitives.IndexOfMax(logits);
        return float.IsFinite(logits[likeliest]) ? likeliest : throw new InvalidDataException(FormattableString.Invariant(
            $"The logit of token {likeliest} is {logits[likeliest]}; expected a number. The model's weights are damaged, or numbers grew ")
            + "beyond the type that it computes in. Export or fetch the model again, or in float32.");
    }
}
