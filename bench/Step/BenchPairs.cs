using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Training;

namespace OrtDpo.StepBench;

/// <summary>The one batch that every loop trains on: <c>pairs.json</c>, which bench/pytorch reads too.</summary>
/// <param name="Beta">The temperature of the implicit reward.</param>
/// <param name="Pairs">The tokens, and the sums that the untouched model gives the completions, as a reference cache holds them.</param>
sealed record BenchPairs(float Beta, BenchPair[] Pairs)
{
    const string File = "pairs.json";

    static readonly JsonSerializerOptions Json =
        new(JsonSerializerOptions.Strict) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public Example[] Tokens => [.. Pairs.Select(p => p.Tokens)];

    public TrainingRow[] Rows =>
        [.. Pairs.Select((p, i) => new TrainingRow([""], p.Tokens, [new(p.RefChosenLogps, []), new(p.RefRejectedLogps, [])], File, i + 1))];

    public static bool Exist(string folder) => System.IO.File.Exists(Path.Combine(folder, File));

    public static BenchPairs Read(string folder) =>
        JsonSerializer.Deserialize<BenchPairs>(System.IO.File.ReadAllText(Path.Combine(folder, File)), Json)!;

    public void Write(string folder) => System.IO.File.WriteAllText(Path.Combine(folder, File), JsonSerializer.Serialize(this, Json));
}

/// <summary>One pair of token ids with its reference sums in nats.</summary>
sealed record BenchPair(int[] Prompt, int[] Chosen, int[] Rejected, double RefChosenLogps, double RefRejectedLogps)
{
    internal Example Tokens => Example.Pair(Prompt, Chosen, Rejected);
}
