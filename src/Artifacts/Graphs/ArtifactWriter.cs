using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Runs;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>
/// From a model folder to a folder that ONNX Runtime's on-device training loads: the models of a step, of an evaluation and of the
/// optimizer, a checkpoint with the weights, and what a device needs beside them.
/// </summary>
public static class ArtifactWriter
{
    /// <summary>The model of a step.</summary>
    public const string TrainingFile = "training_model.onnx";

    /// <summary>The model of an evaluation.</summary>
    public const string EvalFile = "eval_model.onnx";

    /// <summary>The optimizer's model.</summary>
    public const string OptimizerFile = "optimizer_model.onnx";

    /// <summary>The model that makes next-token logits, where it was asked for.</summary>
    public const string LogitsFile = "logits_model.onnx";

    /// <summary>The parameters.</summary>
    public const string CheckpointFile = "checkpoint";

    // What names, sizes and the manifest take of a checkpoint's 2 GB.
    const long Headroom = 64 << 20;

    /// <summary>Opens a model and writes artifacts of it.</summary>
    /// <exception cref="IOException">The folder exists already, or cannot be made.</exception>
    /// <exception cref="InvalidDataException">The model or adapter is damaged, or they do not go together.</exception>
    /// <exception cref="NotSupportedException">ONNX Runtime's training cannot do what is asked for; the message says what.</exception>
    public static ArtifactResult Write(ArtifactRequest request)
    {
        RequireNew(request.Out);
        using var folder = Open(request);
        var (maxLength, reason) = MaxLengthChoice.Of(folder.Model, request.MaxLength);
        folder.FixMaxLength(maxLength);
        var options = request.Options with { Seed = request.Lora is null ? null : request.Seed };
        return Write(folder, maxLength, options, request.Out) with { MaxLengthReason = reason };
    }

    /// <summary>Writes artifacts of a model that is open.</summary>
    /// <param name="folder">The model, for sequences of <paramref name="maxLength"/> tokens.</param>
    /// <param name="maxLength">The longest prompt with one completion, in tokens.</param>
    /// <param name="options">What they are to be.</param>
    /// <param name="output">The folder to make; it must not exist.</param>
    /// <inheritdoc cref="Write(ArtifactRequest)" path="/exception"/>
    public static ArtifactResult Write(ModelFolder folder, int maxLength, ArtifactOptions options, string output)
    {
        RequireNew(output);
        ArtifactChecks.RequireFloats(folder);
        var graphs = TrainingGraphs.Of(folder.Model, options.Objective, maxLength);
        var logits = options.HasLogits ? LogitsGraph.Of(folder.Model, maxLength) : null;
        var manifest = ManifestOfModel.Of(folder, maxLength, options, graphs, logits);
        ArtifactChecks.RequireDecay(options.Optimizer, manifest.Parameters);
        var isExternal = options.ExternalData || IsLarge(manifest, options);
        var beside = HostFile.Of(folder.Path, ModelTokenizer.Load(folder.Path).Files, WeightType.F32);
        return NewFolder.Make(output, temporary =>
        {
            WriteModel(temporary, TrainingFile, OnnxModelWriter.ToBytes(graphs.Training));
            WriteModel(temporary, EvalFile, OnnxModelWriter.ToBytes(graphs.Eval));
            WriteModel(temporary, OptimizerFile, OnnxModelWriter.ToBytes(OptimizerModel.Of(options.Optimizer)));
            if (logits is not null)
            {
                WriteModel(temporary, LogitsFile, OnnxModelWriter.ToBytes(logits));
            }

            using (var weights = new WeightStore(folder))
            {
                CheckpointOf(weights, manifest).Write(Path.Combine(temporary, CheckpointFile), isExternal);
            }

            foreach (var file in beside)
            {
                file.WriteTo(temporary);
            }

            AtomicFile.WriteText(Path.Combine(temporary, ArtifactManifest.FileName), manifest.ToJson());
            return new ArtifactResult(
                output, manifest, Files(temporary), MaxLengthReason: null, ArtifactNotes.Of(folder, options, isExternal));
        });
    }

    static void RequireNew(string output)
    {
        if (Path.Exists(output))
        {
            throw new IOException($"{output} exists already. Choose a new folder for the artifacts (`Out`), or remove it.");
        }
    }

    static ModelFolder Open(ArtifactRequest request)
    {
        var isAdapter = ModelFolder.IsAdapter(request.Model);
        if (request.Lora is null)
        {
            return request.Adapter is null && !isAdapter
                ? ModelFolder.Open(request.Model)
                : ModelFolder.Open(request.Model, request.Adapter, WeightMapping.CopyOnWrite);
        }

        if (request.Adapter is not null || isAdapter)
        {
            throw new InvalidDataException($"{request.Adapter ?? request.Model} is an adapter, and `Lora` asks for a new one, which would "
                + "lie on it. Leave one of them out, or merge the adapter into its base first.");
        }

        var folder = ModelFolder.Open(request.Model);
        try
        {
            ModelAdapter.Begin(folder, request.Lora, request.Seed);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    static OnDeviceCheckpoint CheckpointOf(WeightStore weights, ArtifactManifest manifest)
    {
        var trains = manifest.Parameters.Where(p => p.Trains).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var tensors = weights.Tensors.Select(t => new TensorSource(t.Name, WeightType.F32, t.Shape, t.Address)).ToLookup(
            t => trains.Contains(t.Name));
        return new OnDeviceCheckpoint([.. tensors[true]], [.. tensors[false]])
        {
            IsNominal = manifest.Nominal,
            Properties = new PropertyBag
            {
                Strings = new Dictionary<string, string>(StringComparer.Ordinal) { [ArtifactManifest.PropertyName] = manifest.ToJson() },
            },
        };
    }

    static bool IsLarge(ArtifactManifest manifest, ArtifactOptions options) => !options.IsNominal
        && manifest.Parameters.Sum(p => p.Shape.Aggregate(4L, (bytes, size) => bytes * size)) + Headroom > int.MaxValue;

    static void WriteModel(string folder, string name, byte[] bytes) =>
        AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(bytes));

    static IReadOnlyList<(string Name, long Bytes)> Files(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(folder, path).Replace('\\', '/'), new FileInfo(path).Length))
            .OrderBy(file => file.Item1, StringComparer.Ordinal),
    ];
}
