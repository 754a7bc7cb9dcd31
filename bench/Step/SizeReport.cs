namespace OrtDpo.StepBench;

/// <summary>One model's results.</summary>
/// <param name="Size">The model.</param>
/// <param name="Loops">One row of the table each.</param>
/// <param name="ComparedSteps">Steps that every loop did.</param>
/// <param name="LargestLossDifference">Between any two loops at any of those steps.</param>
/// <param name="Limits">The limits, kept or not.</param>
sealed record SizeReport(string Size, LoopSummary[] Loops, int ComparedSteps, double LargestLossDifference, Limit[] Limits)
{
    // A loop that computed something else would differ in the first digits.
    const double SameLoss = 1e-3;

    /// <exception cref="InvalidDataException">The loops did not compute the same losses, or the floor is missing.</exception>
    public static SizeReport Of(string size, Measurement[] rounds)
    {
        var losses = rounds.Select(m => m.Losses).OfType<double[]>().ToArray();
        var steps = losses.Min(l => l.Length);
        var difference = Enumerable.Range(0, steps).Max(i => losses.Max(l => l[i]) - losses.Min(l => l[i]));
        if (!(difference <= SameLoss))
        {
            throw new InvalidDataException($"{size}: the losses of the loops differ by {difference:g3}. "
                + "Expected the same from the same weights and pairs.");
        }

        var loops = LoopSummary.Of(rounds);
        return new(size, loops, steps, difference, Limit.Of(size, loops));
    }
}
