using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Adapters;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Runs;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Artifacts.Import;

/// <summary>
/// From a checkpoint that a phone, a browser or the on-device engine saved back to a folder: Hugging Face's model, or PEFT's adapter, in
/// float32, the very numbers of the device.
/// </summary>
public static class CheckpointImport
{
    /// <summary>Imports.</summary>
    /// <exception cref="IOException">The folder exists already, or cannot be made.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">
    /// The checkpoint is damaged, of other artifacts or another model, or holds what is no number; nothing is left behind.
    /// </exception>
    /// <exception cref="NotSupportedException">The checkpoint is of another version.</exception>
    public static ImportResult Run(ImportRequest request)
    {
        if (Path.Exists(request.Out))
        {
            throw new IOException($"{request.Out} exists already. Choose a new folder (`Out`), or remove it.");
        }

        using var mapped = OnDeviceCheckpoint.Open(request.Checkpoint);
        var manifest = ManifestOfCheckpoint.Find(mapped, request.Artifacts);
        CheckpointFit.Require(mapped, manifest);
        using var folder = ModelFolder.Open(request.Model);
        RequireBase(folder, manifest, request);
        CheckpointFit.RequireFrozen(mapped, folder);
        return NewFolder.Make(request.Out, temporary =>
        {
            if (manifest.Lora is { } lora)
            {
                WriteAdapter(temporary, mapped.Contents, folder, lora, manifest);
            }
            else
            {
                WriteModel(temporary, mapped.Contents, folder);
            }

            return Result(request, mapped.Contents, manifest, temporary);
        });
    }

    static void RequireBase(ModelFolder folder, ArtifactManifest manifest, ImportRequest request)
    {
        folder.FixMaxLength(manifest.Model.MaxLength);
        var found = ReferenceDigest.Both(folder).Base;
        if (found != manifest.Model.Digest)
        {
            throw new InvalidDataException($"{request.Checkpoint} is of a model with the digest {manifest.Model.Digest[..12]}…, and "
                + $"{request.Model} has {found[..12]}…: another model, other numbers or another dtype. Give the model that the artifacts "
                + "were made of (`Model`).");
        }
    }

    static void WriteModel(string to, OnDeviceCheckpoint checkpoint, ModelFolder folder)
    {
        AtomicFile.Write(
            Path.Combine(to, ShardedWeights.SingleFile),
            file => SafetensorsWriter.Write(file, checkpoint.Trainable.Concat(checkpoint.Frozen)));
        foreach (var file in Beside(folder))
        {
            file.WriteTo(to);
        }

        folder.Model.WriteBeside(to);
    }

    static void WriteAdapter(string to, OnDeviceCheckpoint checkpoint, ModelFolder folder, JsonElement lora, ArtifactManifest manifest)
    {
        AtomicFile.Write(Path.Combine(to, AdapterFile.FileName), file => AdapterFile.Write(file, checkpoint.Trainable));
        var config = JsonNode.Parse(lora.GetRawText())!;
        config["base_model_name_or_path"] = Path.GetFullPath(folder.Path);
        AtomicFile.WriteText(
            Path.Combine(to, LoraConfig.FileName),
            config.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n");
        AtomicFile.Write(
            Path.Combine(to, AdapterBase.FileName),
            file => file.Write(AdapterBase.ToJson(manifest.Model.Digest, manifest.Model.MaxLength, form: null)));
        foreach (var file in Beside(folder).Where(file => file.Name != ModelFolder.ConfigName))
        {
            file.WriteTo(to);
        }
    }

    static IReadOnlyList<HostFile> Beside(ModelFolder folder) =>
        HostFile.Of(folder.Path, ModelTokenizer.Load(folder.Path).Files, WeightType.F32);

    // Read back as whoever uses it next reads it: with every check of a model or an adapter.
    static ImportResult Result(ImportRequest request, OnDeviceCheckpoint checkpoint, ArtifactManifest manifest, string made)
    {
        var isAdapter = manifest.Lora is not null;
        using var back = isAdapter ? ModelFolder.Open(request.Model, made, WeightMapping.ReadOnly) : ModelFolder.Open(made);
        back.FixMaxLength(manifest.Model.MaxLength);
        var digest = ReferenceDigest.Compute(back);
        return new ImportResult(
            request.Out, isAdapter, checkpoint.Trainable.Count, checkpoint.Trainable.Sum(t => t.ByteCount / t.Type.ByteSize()), digest,
            [.. Notes(checkpoint, digest, manifest)]);
    }

    static IEnumerable<string> Notes(OnDeviceCheckpoint checkpoint, string digest, ArtifactManifest manifest)
    {
        if (digest == manifest.Model.Digest)
        {
            yield return "it is the model that the artifacts were made of: the checkpoint was not trained";
        }

        if (checkpoint.Groups.FirstOrDefault(group => group.States.Count > 0) is { } group)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"the optimizer's state after {group.Step} steps stays behind: a run that goes on from here begins with none");
        }

        var names = checkpoint.Properties.Names.Where(name => name != ArtifactManifest.PropertyName).Order(StringComparer.Ordinal).ToList();
        if (names.Count > 0)
        {
            yield return $"values that the device kept in the checkpoint stay behind: {string.Join(", ", names)}";
        }
    }
}
