using OrtDpo.Models;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Models;

/// <summary>What a model takes that runs forward in a stage, and what of its weights lies in the host's memory for it.</summary>
/// <param name="Offload">What lies there, where the device is another.</param>
/// <param name="Use">The memory by part.</param>
/// <param name="Budget">What is left to it.</param>
/// <param name="Advice">Where it does not fit on a device, what could lie in the host's memory in its place, in a sentence.</param>
public sealed record ForwardMemory(Offload Offload, MemoryUse Use, MemoryBudget Budget, string? Advice)
{
    /// <summary>Whether it fits.</summary>
    public bool Fits => Budget.Fits(Use);

    /// <summary>Why it does not, and what would help, as the first sentences of a refusal.</summary>
    /// <param name="who">What needs it, as in "Scoring".</param>
    public string Shortage(string who) => Budget.Shortage(who, Use) + (Advice is null ? "" : $" {Advice}");

    /// <summary>Plans with as little in the host's memory as was asked for, or as fits.</summary>
    internal static ForwardMemory Choose(
        ModelFolder model, MemoryBudget budget, OffloadChoice choice, long tokenizer, Func<Offload, MemoryUse> plan)
    {
        var (offload, use, advice) = choice.Choose(model, budget, way => plan(way).InStage(tokenizer), use => use);
        return new ForwardMemory(offload, use, budget, advice);
    }
}
