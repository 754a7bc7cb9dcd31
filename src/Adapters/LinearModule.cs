namespace OrtDpo.Adapters;

/// <summary>A module of a model that multiplies by a matrix: what LoRA adapts.</summary>
/// <param name="Name">Its path, such as <c>model.layers.3.self_attn.q_proj</c>.</param>
/// <param name="InFeatures">The width of what it takes.</param>
/// <param name="OutFeatures">The width of what it gives.</param>
/// <param name="IsHead">Whether it is the output layer, which <see cref="ModuleChoice.AllLinear"/> leaves out.</param>
/// <param name="IsFanInFanOut">
/// Whether the model keeps its weight as <c>[in, out]</c>, as GPT-2's <c>Conv1D</c> does, and not as <c>[out, in]</c>.
/// </param>
public sealed record LinearModule(
    string Name, int InFeatures, int OutFeatures, bool IsHead = false, bool IsFanInFanOut = false);
