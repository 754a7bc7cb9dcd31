using System.Globalization;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>What ONNX Runtime's on-device training cannot do, in sentences.</summary>
static class ArtifactChecks
{
    /// <summary>
    /// Refuses a model whose weights are in 4 bits: 1.19.2 has no gradient through them, and its checkpoints no such type.
    /// </summary>
    public static void RequireFloats(ModelFolder folder)
    {
        if (folder.Quantized is { } quantized)
        {
            throw new NotSupportedException($"The weights of {folder.Path} are held {BaseWeights.Describe(quantized.Form)}, and "
                + "checkpoints of ONNX Runtime's on-device training hold float32. Give the model that they were made from.");
        }
    }

    /// <summary>Refuses a decay that would be wrong for some of what trains.</summary>
    public static void RequireDecay(ArtifactOptimizer optimizer, IReadOnlyList<ArtifactParameter> parameters)
    {
        if (optimizer.WeightDecay is not (null or 0) && parameters.FirstOrDefault(p => p.Trains && p.Shape.Count < 2) is { } vector)
        {
            throw new NotSupportedException(string.Create(
                CultureInfo.InvariantCulture,
                $"`WeightDecay` is {optimizer.WeightDecay}, and '{vector.Name}' is a vector that trains. ONNX Runtime's optimizer has one "
                + $"decay for everything, and biases and norms must not decay. Leave it out, or train an adapter (`Lora`)."));
        }
    }
}
