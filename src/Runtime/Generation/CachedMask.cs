namespace OrtDpo.Runtime.Generation;

/// <summary>The additive attention mask of tokens whose text is in a cache, by the rule of the models' own masks.</summary>
static class CachedMask
{
    // What those have: not −∞, so that no row is NaN.
    const float Hidden = -1e30f;

    /// <summary>
    /// <c>[S, P + S]</c>, row-major, for S tokens behind P: 0 where a token sees another, which is before it or itself, and fewer than
    /// <paramref name="window"/> tokens away.
    /// </summary>
    /// <param name="past">P.</param>
    /// <param name="count">S.</param>
    /// <param name="window">Tokens that one sees, itself included; null: all.</param>
    public static float[] Of(int past, int count, int? window)
    {
        var width = past + count;
        var mask = new float[(long)count * width];
        for (var i = 0; i < count; i++)
        {
            var row = mask.AsSpan(i * width, width);
            row[(past + i + 1)..].Fill(Hidden);
            if (past + i + 1 - window is > 0 and { } before)
            {
                row[..before].Fill(Hidden);
            }
        }

        return mask;
    }
}
