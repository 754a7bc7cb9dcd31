namespace OrtDpo.Objectives.Tests;

/// <summary>Inputs for any loss: an even number of completions, which pair losses read as pairs.</summary>
/// <param name="Vectors">By the names of the graphs' inputs.</param>
/// <param name="Scalars">Likewise.</param>
sealed record RandomBatch(IReadOnlyDictionary<string, double[]> Vectors, IReadOnlyDictionary<string, double> Scalars)
{
    public static RandomBatch Draw(int seed, int rows)
    {
        var random = new Random(seed);
        double[] lengths = [.. Enumerable.Range(0, rows).Select(_ => (double)random.Next(1, 9))];
        double[] policy = [.. lengths.Select(n => -n * (0.2 + random.NextDouble()))];
        double[] reference = [.. policy.Select(x => x + (3 * random.NextDouble()) - 1.5)];
        return new(
            new Dictionary<string, double[]>
            {
                ["logps"] = policy,
                ["lengths"] = lengths,
                ["ref_chosen_logps"] = reference[..(rows / 2)],
                ["ref_rejected_logps"] = reference[(rows / 2)..],
                ["ref_logps"] = reference,
                ["labels"] = [.. Enumerable.Range(0, rows).Select(i => i % 2.0)],
            },
            new Dictionary<string, double> { ["loss_scale"] = 2.0 / rows, ["token_scale"] = 0.125, ["kl"] = 0.3 });
    }
}
