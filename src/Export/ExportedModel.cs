using Microsoft.ML.OnnxRuntime;
using OrtDpo.Adapters.Onnx;
using OrtDpo.Batches;
using OrtDpo.Export.Adapters;
using OrtDpo.Export.Quantized;
using OrtDpo.Models.Import;
using OrtDpo.Runs;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Export;

/// <summary>
/// A folder that <c>export</c> wrote, opened again beside the run that it should be of: loaded as a host loads it, with the run's adapter
/// where it was exported with adapters.
/// </summary>
public sealed class ExportedModel : IDisposable
{
    const string CheckpointDigest = "checkpoint_digest";
    const string Fast = "fast-";

    readonly string folder;
    readonly TrainedRun run;
    readonly OnnxLogits logits;
    readonly Dictionary<string, string> said;

    // Of a graph that the processor has no kernels for: the same with its numbers widened.
    readonly string? widened;

    ExportedModel(string folder, TrainedRun run, OnnxLogits logits, string? widened)
    {
        this.folder = folder;
        this.run = run;
        this.logits = logits;
        this.widened = widened;
        said = logits.Metadata.Where(entry => entry.Key.StartsWith(ExportOptions.MetadataPrefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[ExportOptions.MetadataPrefix.Length..], entry => entry.Value, StringComparer.Ordinal);
    }

    /// <summary>What its weights are stored in, as the file says; null: it does not say.</summary>
    public string? Dtype => said.GetValueOrDefault("dtype");

    /// <summary>The same for people, with what the graph computes in where that is not float32.</summary>
    public string Form => Compute == WeightType.F32 ? $"{Dtype}" : $"{Dtype}, computed in {Compute.ConfigName()}";

    /// <summary>
    /// Why the file itself was not run, and what was in its place; null: it was. A graph that computes in bfloat16 has no kernels on a
    /// processor.
    /// </summary>
    public string? NotRun => widened is null ? null
        : $"{Model} computes in {Compute.ConfigName()}, and ONNX Runtime has no processor kernels for that: it was not run, but its "
            + "numbers widened to float32. Judge what a GPU makes of it there, and turn this check off.";

    WeightType Compute => said.TryGetValue("compute", out var name) ? WeightTypes.Saved[name] : WeightType.F32;

    bool HasAdapters => AdapterVerification.IsExport(folder);

    string Model => Path.Combine(folder, OnnxFile.FileName);

    /// <summary>Loads it.</summary>
    /// <param name="folder">The exported folder.</param>
    /// <param name="run">The run that it should be of.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="NotSupportedException">The folder holds no ONNX model.</exception>
    /// <exception cref="InvalidDataException">ONNX Runtime does not load the model.</exception>
    public static ExportedModel Open(string folder, TrainedRun run, int threads)
    {
        Require(folder);
        var path = Path.Combine(folder, OnnxFile.FileName);
        OrtProcess.Start(threads);
        try
        {
            return new ExportedModel(folder, run, new OnnxLogits(path), widened: null);
        }
        catch (OnnxRuntimeException e) when (e.Message.Contains("NotImplemented", StringComparison.Ordinal))
        {
            return Widened(folder, run, path);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException(
                $"{path} does not load in ONNX Runtime {OrtProcess.Version}: {e.Message.TrimEnd('.', '\n', ' ')}. Export it again.", e);
        }
    }

    /// <summary>Refuses what is no export of an ONNX model.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="NotSupportedException">The folder holds no ONNX model.</exception>
    public static void Require(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The export {folder} does not exist. Make it with export.");
        }

        if (!File.Exists(Path.Combine(folder, OnnxFile.FileName)))
        {
            throw new NotSupportedException($"{folder} holds no {OnnxFile.FileName}, and what is shipped is an ONNX model as a host loads "
                + "it. Give a folder that export wrote.");
        }
    }

    /// <summary>
    /// Whether the model, and the run's adapter beside it, name the run's digests: its checkpoint's, its policy's and reference's, its
    /// tokenizer's. Each fault is a sentence.
    /// </summary>
    /// <returns>How many digests were compared, and what differs.</returns>
    public (int Compared, IReadOnlyList<string> Faults) Origin()
    {
        var expected = RunExport.Digests(run);
        if (!HasAdapters)
        {
            return (expected.Count, [.. Differences(Model, said, expected)]);
        }

        var faults = new List<string>(AdapterVerification.Of(folder).Faults);
        if (Adapter() is not { } adapter)
        {
            faults.Add($"{folder} has no adapter of the checkpoint {run.Checkpoint}. Export the run again with `Adapters`.");
            return (0, faults);
        }

        faults.AddRange(Differences(adapter + AdapterOrigin.Suffix, OriginOf(adapter).Digests, expected));
        faults.AddRange(Differences(
            Model, said, expected.Where(entry => entry.Key == AdapterExport.BaseDigest).ToDictionary(StringComparer.Ordinal)));
        return (expected.Count + 1, faults);
    }

    /// <summary>Runs rows as a host does, and compares with the policy by the limits of what the weights are stored in.</summary>
    /// <param name="policy">The run's policy as it was trained.</param>
    /// <param name="rows">On what they are compared; at least one.</param>
    /// <param name="positions">The longest sequence that the model takes, in tokens.</param>
    /// <exception cref="InvalidDataException">The export has no adapter of the run, or ONNX Runtime does not run it.</exception>
    /// <exception cref="NotSupportedException">It is stored in a type that has no limits here.</exception>
    public ParityReport Compare(IScorer policy, IReadOnlyList<Example> rows, int positions)
    {
        var limits = Limits();
        try
        {
            if (HasAdapters)
            {
                logits.Use(Adapter() ?? throw new InvalidDataException($"{folder} has no adapter of the checkpoint {run.Checkpoint}."));
            }

            return Parity.Measure(policy, logits, rows, positions, limits);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException(
                $"{Model} does not run in ONNX Runtime {OrtProcess.Version}: {e.Message.TrimEnd('.', '\n', ' ')}. Export it again.", e);
        }
    }

    public void Dispose()
    {
        logits.Dispose();
        if (widened is not null)
        {
            Directory.Delete(widened, recursive: true);
        }
    }

    // Not within the export, which is only read.
    static ExportedModel Widened(string folder, TrainedRun run, string path)
    {
        var temporary = Directory.CreateTempSubdirectory("ortdpo-ship-").FullName;
        try
        {
            var copy = Path.Combine(temporary, OnnxFile.FileName);
            WidenedModel.Write(path, copy);
            return new ExportedModel(folder, run, new OnnxLogits(copy), temporary);
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    // Against the policy as it was trained, and not as it is stored: what storing may be off, and the graph beyond that.
    ParityLimits Limits()
    {
        var (name, isFast) = Dtype?.StartsWith(Fast, StringComparison.Ordinal) == true ? (Dtype[Fast.Length..], true) : (Dtype, false);
        if (name is null || !StoredDtype.Names.Contains(name))
        {
            throw new NotSupportedException($"The export is stored in '{Dtype ?? "nothing that it names"}', and how far such a model may "
                + $"be from its policy is known of {string.Join(", ", StoredDtype.Names)} alone. Export the run in one of these.");
        }

        var asked = StoredDtype.Named(name) with { IsFast = isFast };
        var limits = ParityLimits.Of(HeldDtype.Of(run).Stored(asked, new ExportOptions { Compute = Compute }), Compute);
        return limits with { Mean = limits.Mean + (limits.PolicyMean ?? 0), Max = limits.Max + (limits.PolicyMax ?? 0) };
    }

    static IEnumerable<string> Differences(
        string file, IReadOnlyDictionary<string, string> found, IReadOnlyDictionary<string, string> expected)
    {
        foreach (var (name, digest) in expected.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (!found.TryGetValue(name, out var other))
            {
                yield return $"{file} names no {name}: it was not exported from a run, or by an older program. Export the run again.";
            }
            else if (other != digest)
            {
                yield return $"{file} was made from another run: its {name} is {Short(other)} and the run's is {Short(digest)}. "
                    + "Export the run again.";
            }
        }
    }

    // By what it was made from: a run's folder may have been renamed.
    string? Adapter()
    {
        var checkpoint = RunExport.Digests(run)[CheckpointDigest];
        return Directory.GetFiles(Path.Combine(folder, AdapterExport.FolderName), "*" + OnnxAdapter.Extension)
            .Order(StringComparer.Ordinal)
            .FirstOrDefault(file => File.Exists(file + AdapterOrigin.Suffix)
                && OriginOf(file).Digests.GetValueOrDefault(CheckpointDigest) == checkpoint);
    }

    static AdapterOrigin OriginOf(string adapter) => FileJson.Read<AdapterOrigin>(adapter + AdapterOrigin.Suffix);

    static string Short(string digest) => digest.Length > 12 ? $"{digest[..12]}…" : digest;
}
