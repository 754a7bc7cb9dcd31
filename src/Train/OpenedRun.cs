using OrtDpo.Runtime.Devices;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train;

/// <summary>A run whose engine is there, and nothing of it on the disk yet.</summary>
/// <param name="Device">What it runs on.</param>
/// <param name="Prompts">What the policy answers at evaluations.</param>
/// <param name="Memory">What it takes.</param>
/// <param name="Engine">The engine, with the weights that it begins with.</param>
/// <param name="Loss">The objective.</param>
sealed record OpenedRun(
    ChosenDevice Device, IReadOnlyList<SamplePrompt> Prompts, EngineMemory Memory, StepEngine Engine, LossSession Loss) : IDisposable
{
    public void Dispose()
    {
        Loss.Dispose();
        Engine.Dispose();
    }
}
