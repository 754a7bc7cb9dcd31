using OrtDpo.Models;
using OrtDpo.Objectives;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>What a reader of artifacts should know of them beside what they hold.</summary>
static class ArtifactNotes
{
    /// <summary>The notes.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="options">What the artifacts are to be.</param>
    /// <param name="isExternal">Whether the checkpoint's tensors lie beside it.</param>
    public static IReadOnlyList<string> Of(ModelFolder folder, ArtifactOptions options, bool isExternal)
    {
        var notes = folder.Notes.ToList();
        if (folder.StoredType != WeightType.F32)
        {
            notes.Add($"weights are stored as {folder.StoredType.ConfigName()} in {folder.Path}, and as float32 in the checkpoint, "
                + "which holds nothing narrower: the same numbers");
        }

        if (options.Objective is { Scope: ObjectiveScope.Step } objective)
        {
            notes.Add($"{objective.Losses} is a loss over all pairs of an optimizer step: put them into one batch, for accumulating "
                + "several batches minimises something else");
        }

        if (options.Objective?.LdAlpha is not null)
        {
            notes.Add("the reference's log-probabilities must be sums with the same weights of tokens (ld_alpha) as the policy's");
        }

        if (isExternal)
        {
            notes.Add("the checkpoint's tensors lie beside it, so it is loaded by its path: browsers, which load it from memory, cannot");
        }

        return notes;
    }
}
