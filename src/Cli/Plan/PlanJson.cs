using OrtDpo.Cli.CommandLine;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Train.Planning;

namespace OrtDpo.Cli.Plan;

/// <summary>A plan as <c>--json</c> prints it; bytes and seconds.</summary>
/// <param name="Device">What the stages would run on: <c>cpu</c>, <c>cuda:0</c>.</param>
/// <param name="DeviceModel">What its maker calls it; null: the processor.</param>
/// <param name="DeviceNote">Why it is the processor where a GPU would have been taken; null otherwise.</param>
/// <param name="AvailableBytes">What is left of the device's memory.</param>
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
    string Device, string? DeviceModel, string? DeviceNote, long AvailableBytes, bool Fits, int Rows, int LongestRow, int MaxLength,
    StageJson? Precompute, StageJson Train, int KeptLayers, int Layers, int LargestMicroPairs, int LongestPair, PlanTime? Time)
{
    public static PlanJson Of(RunPlan plan) => new(
        plan.Device.Device.Name, plan.Device.Device.Model, plan.Device.WhyNot is { } note ? OptionNames.In(note) : null,
        plan.Training.Budget.Free, plan.Training.Fits, plan.Rows, plan.LongestRow, plan.MaxLength,
        plan.Scoring is { } scoring ? StageJson.Of(scoring.Offload, scoring.Use) : null,
        StageJson.Of(plan.Training.Offload, plan.Training.Use), plan.Training.KeptLayers, plan.Training.Layers,
        plan.LargestMicroPairs, plan.LongestPair, plan.Time);
}

/// <summary>The memory of a stage, in bytes.</summary>
/// <param name="Offload">
/// What of the frozen weights lies in the machine's memory beside a device's, by what was asked for and what memory demands: <c>none</c>,
/// <c>embeddings</c>, <c>layers</c>, <c>embeddings and layers</c>.
/// </param>
/// <param name="OwnBytes">The process's own, or of a device that is not the processor its memory.</param>
/// <param name="MappedBytes">Files that are mapped and only read.</param>
/// <param name="BesideBytes">The machine's memory beside a device's; 0 on the processor.</param>
/// <param name="Parts">By what it is for.</param>
sealed record StageJson(string Offload, long OwnBytes, long MappedBytes, long BesideBytes, IReadOnlyDictionary<string, long> Parts)
{
    public static StageJson Of(Offload offload, MemoryUse use) => new(
        offload.ConfigName(), use.Own, use.Mapped, use.Beside,
        MemoryText.All(use).ToDictionary(part => part.Name.Replace(' ', '_'), part => part.Bytes, StringComparer.Ordinal));
}
