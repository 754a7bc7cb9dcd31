using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train;

/// <summary>What an engine would take of a device's memory, and in how many layers activations are kept for it.</summary>
/// <param name="Use">The memory by part.</param>
/// <param name="KeptLayers">Layers whose activations are kept.</param>
/// <param name="Layers">All layers.</param>
/// <param name="Budget">What is left to it.</param>
public sealed record EngineMemory(MemoryUse Use, int KeptLayers, int Layers, MemoryBudget Budget)
{
    /// <summary>What of the frozen weights stays in the host's memory.</summary>
    public Offload Offload { get; init; }

    /// <summary>Where the run does not fit on a device, what could lie in the host's memory in its place, in a sentence.</summary>
    public string? Advice { get; init; }

    // What the system needs while a run lies close to all of its memory: caches, other processes, the garbage collector's lateness.
    const double Share = 0.95;

    /// <summary>Whether the run fits.</summary>
    public bool Fits => Budget.Fits(Use);

    /// <summary>Plans, and where <paramref name="choice"/> leaves it open decides how much is kept.</summary>
    /// <param name="model">A model that is open to be trained.</param>
    /// <param name="options">The engine's options; how many layers are kept is decided here.</param>
    /// <param name="choice">What was asked for.</param>
    /// <param name="offload">What of the frozen weights is to lie in the host's memory; what is left open is decided here.</param>
    /// <param name="batches">The largest micro-batches.</param>
    /// <param name="budget">What is left to it.</param>
    /// <param name="tokenizer">Bytes of the tokenizer.</param>
    /// <exception cref="NotSupportedException">What is to lie in the host's memory cannot.</exception>
    public static EngineMemory Choose(
        ModelFolder model, EngineOptions options, ActivationMemory choice, OffloadChoice offload, IReadOnlyList<PackedBatch> batches,
        MemoryBudget budget, long tokenizer)
    {
        var (chosen, memory, advice) = offload.Choose(
            model, budget, way => Choose(model, options with { Offload = way }, choice, batches, budget, tokenizer),
            memory => memory.Use);
        return memory with { Offload = chosen, Advice = advice };
    }

    static EngineMemory Choose(
        ModelFolder model, EngineOptions options, ActivationMemory choice, IReadOnlyList<PackedBatch> batches,
        MemoryBudget budget, long tokenizer)
    {
        var layers = model.Model.Layers().Count;
        if (choice != ActivationMemory.Auto)
        {
            return With(choice == ActivationMemory.Keep ? layers : 0);
        }

        if (With(layers) is var all && all.Use.Own <= budget.Free * Share)
        {
            return all;
        }

        // Memory grows with each layer that is kept.
        var (most, best) = (layers, With(0));
        while (best.KeptLayers + 1 < most)
        {
            var middle = With((best.KeptLayers + most) / 2);
            if (middle.Use.Own <= budget.Free * Share)
            {
                best = middle;
            }
            else
            {
                most = middle.KeptLayers;
            }
        }

        return best;

        EngineMemory With(int kept) =>
            new(
                StepEngine.Plan(model, options with { KeptLayers = kept }, batches).InStage(tokenizer),
                kept, layers, budget);
    }

    /// <summary>Refuses a run that does not fit.</summary>
    /// <param name="force">Whether it is to run all the same.</param>
    /// <param name="model">The model that is trained, or lies under what is.</param>
    /// <param name="optimizer">What turns gradients into updates.</param>
    /// <param name="batches">The largest micro-batches.</param>
    /// <exception cref="NotSupportedException">It does not, and nobody forced it.</exception>
    public void RequireFit(bool force, ModelFolder model, Optimizer optimizer, IReadOnlyList<PackedBatch> batches)
    {
        if (!Fits && !force)
        {
            // What runs on the processor alone is no way out on another device.
            var isHost = Budget.Device.IsHost;
            var ways = new List<string>();
            if (KeptLayers > 0)
            {
                ways.Add("`Memory` recompute");
            }

            if (batches.Any(batch => batch.Rows > 1 || batch.Completions > 2))
            {
                ways.Add("a smaller `MicroPairs`");
            }

            if (model.Adapter is null)
            {
                ways.Add("an adapter in place of all weights (`Lora`)");
            }
            else if (model.Quantized is null)
            {
                ways.Add("`Base` nf4");
            }

            if (optimizer == Optimizer.AdamW && isHost)
            {
                ways.Add($"`Optimizer` {Optimizer.AdamW8Bit.ConfigName()}");
            }

            ways.AddRange(["a smaller `MaxLength`", "a smaller model"]);
            throw new NotSupportedException(
                $"{Budget.Shortage("The run", Use)} {(Advice is null ? "" : Advice + " ")}"
                + $"Try {string.Join(", ", ways[..^1])} or {ways[^1]}; `Force` runs it all the same.");
        }
    }
}
