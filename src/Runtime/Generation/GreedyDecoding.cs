using System.Numerics.Tensors;

namespace OrtDpo.Runtime.Generation;

/// <summary>Greedy decoding: always the likeliest token, the first of equals.</summary>
public static class GreedyDecoding
{
    /// <summary>
    /// Continues <paramref name="prompt"/> until an end-of-sequence token, or for <paramref name="maxNewTokens"/> tokens.
    /// </summary>
    /// <param name="prompt">Token ids; not empty.</param>
    /// <param name="maxNewTokens">The most tokens to add.</param>
    /// <param name="endOfSequence">Tokens that end the text; not part of the result.</param>
    /// <param name="nextLogits">From token ids to the logits of the next one, <c>[V]</c>, unnormalized.</param>
    /// <returns>The new tokens, one after the other, as they are found.</returns>
    public static IEnumerable<int> Continue(
        IReadOnlyList<int> prompt, int maxNewTokens, IReadOnlyCollection<int> endOfSequence, Func<long[], float[]> nextLogits)
    {
        if (prompt.Count == 0)
        {
            throw new ArgumentException("The prompt has no tokens: nothing predicts the first one.", nameof(prompt));
        }

        var ids = prompt.Select(id => (long)id).ToList();
        for (var i = 0; i < maxNewTokens; i++)
        {
            var next = TensorPrimitives.IndexOfMax<float>(nextLogits([.. ids]));
            if (endOfSequence.Contains(next))
            {
                yield break;
            }

            yield return next;
            ids.Add(next);
        }
    }
}
