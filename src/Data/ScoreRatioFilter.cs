namespace OrtDpo.Data;

/// <summary>
/// Drops pairs whose chosen answer scored less than so many times the other's score. Stanford Human Preferences says so of each pair
/// (<c>score_ratio</c>), and its authors advise to train on ratios of at least 2. Rows without the column pass.
/// </summary>
sealed class ScoreRatioFilter(double? least)
{
    bool hasSeen;

    internal ExampleText Apply(ExampleText text)
    {
        hasSeen |= text.ScoreRatio is not null;
        return text.Unusable is null && text.ScoreRatio < least ? text with { Unusable = DropReason.LowScoreRatio } : text;
    }

    /// <exception cref="InvalidDataException">A bound was given, and no row has a ratio.</exception>
    internal void RequireEffect()
    {
        if (least is not null && !hasSeen)
        {
            throw new InvalidDataException(
                "`MinScoreRatio` has no effect: no row has a 'score_ratio'. Leave it out, or name the column with `Columns`.");
        }
    }
}
