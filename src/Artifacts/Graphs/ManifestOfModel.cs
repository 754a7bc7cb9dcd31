using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Objectives;
using OrtDpo.Runs;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>What the manifest says of a model and the graphs that were made of it.</summary>
static class ManifestOfModel
{
    /// <summary>The manifest.</summary>
    /// <param name="folder">The model, for sequences of <paramref name="maxLength"/> tokens.</param>
    /// <param name="maxLength">The longest prompt with one completion, in tokens.</param>
    /// <param name="options">What the artifacts are to be.</param>
    /// <param name="graphs">The graphs of a step and of an evaluation.</param>
    /// <param name="logits">The graph of texts; null: there is none.</param>
    public static ArtifactManifest Of(
        ModelFolder folder, int maxLength, ArtifactOptions options, TrainingGraphs graphs, OnnxGraph? logits)
    {
        var (model, objective) = (folder.Model, options.Objective);
        var names = model.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        return new ArtifactManifest
        {
            Format = ArtifactManifest.CurrentFormat,
            MadeBy = new ArtifactMaker("OrtDpo", PackageVersion.Of(typeof(ArtifactManifest).Assembly)),
            Loss = objective?.Losses,
            Scalars = objective is null
                ? new Dictionary<string, double>()
                : ComposedObjective.ScalarsOf(objective).ToDictionary(StringComparer.Ordinal),
            FDivergence = objective?.Divergence,
            Rows = objective is null ? null : RowsOf(objective),
            Scope = objective is null ? null : objective.Scope == ObjectiveScope.Step ? ArtifactScope.Step : ArtifactScope.Row,
            Training = Signature(graphs.Training),
            Eval = Signature(graphs.Eval),
            Logits = logits is null ? null : Signature(logits),
            Parameters = [.. model.Parameters.Select(p => new ArtifactParameter(p.Name, p.Shape, model.Trains(p.Name)))],
            Optimizer = options.Optimizer,
            Lora = folder.Adapter is { } adapter ? LoraOf(adapter, folder) : null,
            Model = ModelOf(folder, maxLength, options.Seed),
            Nominal = options.IsNominal,
        };

        // The runtime's flag ends as gradients do.
        ModelSignature Signature(OnnxGraph graph) => ModelSignature.Of(
            graph, name => !names.Contains(name) && !ArtifactPorts.IsOfGradient(name));
    }

    static ArtifactRows RowsOf(Objective objective) => objective.Rows switch
    {
        ObjectiveRows.Pairs => ArtifactRows.Pair,
        ObjectiveRows.Unpaired => ArtifactRows.Unpaired,
        _ => ArtifactRows.Supervised,
    };

    static ArtifactModel ModelOf(ModelFolder folder, int maxLength, ulong? seed)
    {
        var (model, config) = (folder.Model, Path.Combine(folder.Path, ModelFolder.ConfigName));
        return new ArtifactModel(
            model.Family,
            model.Layout == BatchLayout.Stacked ? "stacked" : "packed",
            ReferenceDigest.Both(folder).Base,
            folder.Adapter?.Digest,
            File.Exists(config) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(config))) : null,
            model.Sizes.VocabSize,
            maxLength,
            seed);
    }

    // Where the base lies here is nothing to a device.
    static JsonElement LoraOf(ModelAdapter adapter, ModelFolder folder)
    {
        var fields = JsonNode.Parse((adapter.ConfigFor(folder) with { BaseModelNameOrPath = null }).ToJson())!;
        return JsonSerializer.SerializeToElement(fields);
    }
}
