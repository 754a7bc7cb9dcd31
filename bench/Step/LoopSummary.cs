namespace OrtDpo.StepBench;

/// <summary>What all rounds of one loop came to.</summary>
/// <param name="Loop">As measured.</param>
/// <param name="BestSeconds">The best step of all rounds.</param>
/// <param name="MedianSeconds">The median step, without each process's first.</param>
/// <param name="RoundSeconds">The best step of each round.</param>
/// <param name="TimesFloor"><paramref name="BestSeconds"/> over the floor's.</param>
/// <param name="OptimizerSeconds">The optimizer's share, the best.</param>
/// <param name="PeakMib">The largest of the rounds.</param>
sealed record LoopSummary(
    string Loop, double BestSeconds, double MedianSeconds, double[] RoundSeconds, double TimesFloor, double? OptimizerSeconds,
    double? PeakMib)
{
    /// <summary>10⁹ bytes.</summary>
    public double? PeakGb => PeakMib * 1024 * 1024 / 1e9;

    /// <summary>The loops of one model, in the order of the table.</summary>
    public static LoopSummary[] Of(IEnumerable<Measurement> rounds)
    {
        string[] order = ["floor", "kept", "recomputed", "careful", "plain"];
        var loops = rounds.GroupBy(m => m.Loop).OrderBy(g => Array.IndexOf(order, g.Key)).Select(g => g.ToArray()).ToArray();
        var floor = Best(loops[0]);
        return loops[0][0].Loop == "floor"
            ? [.. loops.Select(loop => Of(loop, floor))]
            : throw new InvalidDataException($"{loops[0][0].Size} has no measurement of the floor, which the others are compared with.");
    }

    static LoopSummary Of(Measurement[] loop, double floor) => new(
        loop[0].Loop, Best(loop), Median(loop.SelectMany(m => m.Seconds.Length > 1 ? m.Seconds[1..] : m.Seconds)),
        [.. loop.Select(m => m.Seconds.Min())],
        Best(loop) / floor, loop.Min(m => m.OptimizerSeconds), loop.Max(m => m.PeakMib));

    static double Best(Measurement[] loop) => loop.Min(m => m.Seconds.Min());

    static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}
