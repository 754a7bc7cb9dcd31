using System.Globalization;
using OrtDpo.Linked;
using OrtDpo.Linked.FlatBuffers;

namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>A checkpoint that is mapped into memory; its tensors lie in the mapping.</summary>
public sealed class MappedCheckpoint : IDisposable
{
    // The root's offset, the identifier, and a table with its list of places.
    const int ShortestFile = 16;

    readonly MappedBytes file;
    readonly MappedBytes? data;

    MappedCheckpoint(string path, MappedBytes file, MappedBytes? data, OnDeviceCheckpoint contents)
    {
        (Path, this.file, this.data, Contents) = (path, file, data, contents);
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>What it holds; its tensors are valid until this is disposed.</summary>
    public OnDeviceCheckpoint Contents { get; }

    /// <inheritdoc cref="OnDeviceCheckpoint.Open"/>
    internal static MappedCheckpoint Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist. Expected a checkpoint of ONNX Runtime's on-device training.", path);
        }

        GitLfsPointer.Refuse(path);
        var file = new MappedBytes(path);
        MappedBytes? data = null;
        try
        {
            var root = Root(path, file);
            var beside = path + CheckpointSchema.DataSuffix;
            if (CheckpointReader.HasExternalData(root))
            {
                data = File.Exists(beside) ? new MappedBytes(beside) : throw new FileNotFoundException(
                    $"{path} has its tensors in {beside}, which does not exist. Put the file there that belongs to it.", beside);
            }

            var contents = new CheckpointReader(path, root.File, file.Address, data).Read(root.Table);
            return CheckpointRules.Fault(contents) is { } fault
                ? throw new InvalidDataException($"{path} is no checkpoint that a training session could begin from: {fault}")
                : new MappedCheckpoint(path, file, data, contents);
        }
        catch
        {
            Release(file, data);
            throw;
        }
    }

    public void Dispose() => Release(file, data);

    static (FlatFile File, FlatTable Table) Root(string path, MappedBytes file)
    {
        if (file.Length is < ShortestFile or > CheckpointSchema.LargestFile)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path} has {file.Length} bytes, as no checkpoint of ONNX Runtime's on-device training has. Get the file again."));
        }

        if (!file.GetSpan().Slice(4, 4).SequenceEqual(CheckpointSchema.Identifier))
        {
            throw new InvalidDataException(
                $"{path} is no checkpoint of ONNX Runtime's on-device training: bytes 4 to 7 are not 'ODTC'. Give one.");
        }

        var flat = new FlatFile(path, file.Memory);
        var table = flat.Root;
        var version = table.Int32(CheckpointSchema.Checkpoint.Version);
        return version == CheckpointSchema.Version ? (flat, table) : throw new NotSupportedException(string.Create(
            CultureInfo.InvariantCulture,
            $"{path} is of version {version} of the format; expected {CheckpointSchema.Version}, which ONNX Runtime 1.18.0 to 1.19.2 "
            + $"write. Save it with one of them."));
    }

    static void Release(MappedBytes file, MappedBytes? data)
    {
        ((IDisposable)file).Dispose();
        (data as IDisposable)?.Dispose();
    }
}
