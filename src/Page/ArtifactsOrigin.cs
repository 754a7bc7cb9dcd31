using OrtDpo.Artifacts.Graphs;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Models;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Page;

/// <summary>A page of artifacts that are there already.</summary>
static class ArtifactsOrigin
{
    static readonly string[] Files =
    [
        ArtifactWriter.TrainingFile, ArtifactWriter.EvalFile, ArtifactWriter.OptimizerFile, ArtifactWriter.LogitsFile,
        ArtifactWriter.CheckpointFile, ArtifactManifest.FileName,
    ];

    /// <summary>Copies artifacts into the page's folder of the model.</summary>
    /// <param name="artifacts">Their folder.</param>
    /// <param name="request">What the page is to be; without files there are no pairs.</param>
    /// <param name="model">The folder to make.</param>
    public static PageOrigin Write(string artifacts, PageRequest request, string model)
    {
        if (!Directory.Exists(artifacts))
        {
            throw new DirectoryNotFoundException($"The folder of artifacts {artifacts} does not exist. Make it with `artifacts`.");
        }

        var manifest = ArtifactManifest.Read(artifacts);
        PageRules.Require(manifest, artifacts);
        Directory.CreateDirectory(model);
        // Not all that lies there: a page is given to others.
        foreach (var copied in Files)
        {
            File.Copy(Path.Combine(artifacts, copied), Path.Combine(model, copied));
        }

        foreach (var file in HostFile.Of(artifacts, ModelTokenizer.Load(artifacts).Files, WeightType.F32))
        {
            file.WriteTo(model);
        }

        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(artifacts)));
        if (request.Files.Count == 0)
        {
            return new PageOrigin(name, manifest, [], []);
        }

        var data = new DataSettings { Files = request.Files, PassedOverFiles = request.PassedOverFiles };
        var encoder = ExampleEncoder.Of(artifacts, ModelTokenizer.Load(artifacts), data, manifest.Model.MaxLength);
        var prepared = ExamplePreparation.Prepare(RowKind.Pair, data, encoder, Shard.Whole);
        return new PageOrigin(name, manifest, [.. prepared.Examples.SelectMany(row => row.Rows()).Select(row => row.Tokens)], [])
        {
            Ledger = prepared.Ledger,
        };
    }
}
