using OrtDpo.Runtime.Memory;
using OrtDpo.Train.Planning;

namespace OrtDpo.Cli.Plan;

/// <summary>A plan as <c>--json</c> prints it; bytes and seconds.</summary>
/// <param name="AvailableBytes">What the machine has left.</param>
/// <param name="Fits">Whether training does.</param>
/// <param name="Rows">Rows to train on.</param>
/// <param name="LongestRow">Positions of the longest.</param>
/// <param name="MaxLength">The bound on prompt + one completion.</param>
/// <param name="Precompute">Stage 1; null where the rows need none.</param>
/// <param name="Train">Stage 2.</param>
/// <param name="KeptLayers">Layers whose activations are kept.</param>
/// <param name="Layers">All layers.</param>
/// <param name="LargestMicroPairs">The most of the longest rows that go through the model together.</param>
/// <param name="LongestPair">Positions of the longest pair that trains by itself.</param>
/// <param name="Time">What was measured; null where nothing was run.</param>
sealed record PlanJson(
    long AvailableBytes, bool Fits, int Rows, int LongestRow, int MaxLength, StageJson? Precompute, StageJson Train, int KeptLayers,
    int Layers, int LargestMicroPairs, int LongestPair, PlanTime? Time)
{
    public static PlanJson Of(RunPlan plan) => new(
        plan.Training.Available, plan.Training.Fits, plan.Rows, plan.LongestRow, plan.MaxLength,
        plan.Scoring is { } scoring ? StageJson.Of(scoring) : null, StageJson.Of(plan.Training.Use), plan.Training.KeptLayers,
        plan.Training.Layers, plan.LargestMicroPairs, plan.LongestPair, plan.Time);
}

/// <summary>The memory of a stage, in bytes.</summary>
/// <param name="OwnBytes">The process's own.</param>
/// <param name="MappedBytes">Files that are mapped and only read.</param>
/// <param name="Parts">By what it is for.</param>
sealed record StageJson(long OwnBytes, long MappedBytes, IReadOnlyDictionary<string, long> Parts)
{
    public static StageJson Of(MemoryUse use) => new(
        use.Own, use.Mapped,
        MemoryText.All(use).ToDictionary(part => part.Name.Replace(' ', '_'), part => part.Bytes, StringComparer.Ordinal));
}
