using OrtDpo.Artifacts.Graphs;

namespace OrtDpo.Page;

/// <summary>What of all artifacts a page can train.</summary>
static class PageRules
{
    /// <summary>Refuses artifacts that a page cannot train.</summary>
    /// <param name="manifest">The artifacts.</param>
    /// <param name="folder">Where they lie, for messages.</param>
    /// <exception cref="NotSupportedException">They are of such a kind; the message says of which.</exception>
    public static void Require(ArtifactManifest manifest, string folder)
    {
        if (manifest.Rows != ArtifactRows.Pair)
        {
            throw new NotSupportedException($"{folder} minimises {manifest.Loss ?? "a loss that is outside of the models"}, and a page "
                + "trains on pairs with the loss inside. Take a loss of pairs, such as sigmoid (`Loss`).");
        }

        if (manifest.Logits is null)
        {
            throw new NotSupportedException($"{folder} has no {ArtifactWriter.LogitsFile}, with which a page answers. "
                + "Make the artifacts again with `Logits`.");
        }

        if (manifest.Nominal)
        {
            throw new NotSupportedException($"The checkpoint in {folder} has names alone, and a page begins with weights. "
                + "Make the artifacts again without `Nominal`.");
        }

        if (File.Exists(Path.Combine(folder, ArtifactWriter.CheckpointFile + ".data")))
        {
            throw new NotSupportedException($"The checkpoint in {folder} has its weights beside it, in "
                + $"{ArtifactWriter.CheckpointFile}.data, which ONNX Runtime does not read in a browser. Up to 2 GB they lie within it: "
                + "make the artifacts again without `ExternalData`, or of a smaller model.");
        }
    }
}
