namespace OrtDpo.Export;

/// <summary>
/// How the tokens that the exported model makes greedily, with its cache, compare with those that the layers that train make likeliest
/// after the same tokens.
/// </summary>
/// <param name="Tokens">Tokens that were made.</param>
/// <param name="OtherTokens">Those that the layers that train do not make likeliest.</param>
/// <param name="Ties">The same where the two likeliest lie within 1e-4 nats, so that rounding decides; not among the others.</param>
/// <param name="Limit">How many others there may be.</param>
public sealed record GreedyParity(int Tokens, int OtherTokens, int Ties, int Limit)
{
    public bool Holds => OtherTokens <= Limit;
}
