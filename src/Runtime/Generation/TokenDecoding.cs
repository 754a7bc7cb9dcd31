namespace OrtDpo.Runtime.Generation;

/// <summary>Continues tokens one after the other.</summary>
public static class TokenDecoding
{
    /// <summary>
    /// Continues <paramref name="prompt"/> until an end-of-sequence token, or for <paramref name="maxNewTokens"/> tokens.
    /// </summary>
    /// <param name="prompt">Token ids; not empty.</param>
    /// <param name="maxNewTokens">The most tokens to add.</param>
    /// <param name="endOfSequence">Tokens that end the text; not part of the result.</param>
    /// <param name="nextLogits">From token ids to the logits of the next one, <c>[V]</c>, unnormalized.</param>
    /// <param name="choice">Chooses among them.</param>
    /// <returns>The new tokens, one after the other, as they are found.</returns>
    /// <exception cref="InvalidDataException">A logit is NaN or ∞, or all are −∞.</exception>
    public static IEnumerable<int> Continue(
        IReadOnlyList<int> prompt, int maxNewTokens, IReadOnlyCollection<int> endOfSequence, Func<long[], float[]> nextLogits,
        TokenChoice choice)
    {
        if (prompt.Count == 0)
        {
            throw new ArgumentException("The prompt has no tokens: nothing predicts the first one.", nameof(prompt));
        }

        var ids = prompt.Select(id => (long)id).ToList();
        var before = prompt.ToHashSet();
        for (var i = 0; i < maxNewTokens; i++)
        {
            var next = choice.Next(nextLogits([.. ids]), before);
            if (endOfSequence.Contains(next))
            {
                yield break;
            }

            yield return next;
            ids.Add(next);
            before.Add(next);
        }
    }
}
