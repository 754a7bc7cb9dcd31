namespace OrtDpo.Export;

/// <summary>
/// How decoding with the cache, a prompt in two parts and then token by token, compares with running all tokens at once, in the exported
/// model. Tokens are the likeliest ones by the cache; differences are of their log-probabilities, in nats.
/// </summary>
/// <param name="Prompts">Prompts that were continued.</param>
/// <param name="Tokens">Tokens that were made.</param>
/// <param name="MeanDifference">Mean of |with the cache − at once|.</param>
/// <param name="MaxDifference">The largest difference.</param>
/// <param name="OtherTokens">Tokens that are not the likeliest ones at once.</param>
/// <param name="Ties">The same where the two likeliest lie within 1e-4 nats, so that rounding decides; not among the others.</param>
public sealed record CacheParity(int Prompts, int Tokens, double MeanDifference, double MaxDifference, int OtherTokens, int Ties)
{
    /// <summary>How many others there may be.</summary>
    public int OtherLimit { get; init; }

    public bool Holds(double meanLimit, double maxLimit) =>
        OtherTokens <= OtherLimit && MeanDifference <= meanLimit && MaxDifference <= maxLimit;
}
