using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Linked;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Import;

/// <summary>
/// The files beside a model that hold its tensors (ONNX's external data), mapped into memory: they may be larger than 2 GB.
/// </summary>
sealed unsafe class ExternalFiles(string modelPath, WeightMapping mapping) : IDisposable
{
    readonly string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
    readonly Dictionary<string, Mapped> files = new(StringComparer.Ordinal);

    /// <summary>The place and the number of the bytes of <paramref name="tensor"/>.</summary>
    /// <exception cref="InvalidDataException">The entry leads out of the folder or past the end of its file, or its checksum is
    /// another.</exception>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    public (nint Address, long Count) Bytes(TensorProto tensor)
    {
        var entries = tensor.ExternalData.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);
        var location = entries.GetValueOrDefault("location", "");
        var file = Open(tensor.Name, location);
        var offset = Number(tensor.Name, entries, "offset") ?? 0;
        var length = Number(tensor.Name, entries, "length") ?? file.Length - offset;
        if (offset < 0 || length < 0 || offset > file.Length - length)
        {
            throw new InvalidDataException(
                $"{modelPath}: tensor '{tensor.Name}' takes bytes {offset} to {offset + length} of {location}, which has {file.Length}. "
                + "Fetch both files again.");
        }

        if (entries.TryGetValue("checksum", out var expected))
        {
            file.Require(expected, tensor.Name);
        }

        return (file.Start + (nint)offset, length);
    }

    public void Dispose()
    {
        foreach (var file in files.Values)
        {
            file.Dispose();
        }
    }

    Mapped Open(string tensor, string location)
    {
        if (files.TryGetValue(location, out var open))
        {
            return open;
        }

        // A model is data: it may name files of its own folder and nothing else on this machine.
        var path = Path.GetFullPath(Path.Combine(folder, location));
        if (location.Length == 0 || Path.IsPathRooted(location) || !IsInside(path) || LeadsAway(path))
        {
            throw new InvalidDataException(
                $"{modelPath}: tensor '{tensor}' lies in '{location}', outside the model's folder. Expected a file in that folder; "
                + "put the model and its data together.");
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path} does not exist, and {modelPath} keeps tensor '{tensor}' in it. Fetch both files.", path);
        }

        return files[location] = new Mapped(path, mapping);
    }

    bool IsInside(string path) => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    bool LeadsAway(string path)
    {
        for (var at = path; at.Length > folder.Length; at = Path.GetDirectoryName(at)!)
        {
            var target = new FileInfo(at).ResolveLinkTarget(returnFinalTarget: true)
                ?? new DirectoryInfo(at).ResolveLinkTarget(returnFinalTarget: true);
            if (target is not null && !IsInside(target.FullName))
            {
                return true;
            }
        }

        return false;
    }

    long? Number(string tensor, Dictionary<string, string> entries, string key) =>
        !entries.TryGetValue(key, out var text) ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new InvalidDataException($"{modelPath}: tensor '{tensor}' gives its {key} as '{text}'; expected a number of bytes.");

    sealed class Mapped : IDisposable
    {
        readonly string path;
        readonly MemoryMappedViewAccessor? view;
        string? checksum;

        public Mapped(string path, WeightMapping mapping)
        {
            GitLfsPointer.Refuse(path);
            this.path = path;
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            Length = stream.Length;
            if (Length == 0)
            {
                return;
            }

            var access = mapping == WeightMapping.ReadOnly ? MemoryMappedFileAccess.Read : MemoryMappedFileAccess.CopyOnWrite;
            using var file = MemoryMappedFile.CreateFromFile(stream, null, 0, access, HandleInheritability.None, leaveOpen: true);
            view = file.CreateViewAccessor(0, 0, access);
            byte* pointer = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            Start = (nint)(pointer + view.PointerOffset);
        }

        public nint Start { get; }

        public long Length { get; }

        // ONNX's checksum is the SHA-1 of the whole file.
        public void Require(string expected, string tensor)
        {
            if (checksum is null)
            {
                using var stream = File.OpenRead(path);
#pragma warning disable CA5350 // The format's choice; it guards against damage, not against malice.
                checksum = Convert.ToHexStringLower(SHA1.HashData(stream));
#pragma warning restore CA5350
            }

            if (!checksum.Equals(expected, StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidDataException(
                    $"{path} has the SHA-1 {checksum}, and tensor '{tensor}' expects {expected}. Fetch the file again.");
            }
        }

        public void Dispose()
        {
            view?.SafeMemoryMappedViewHandle.ReleasePointer();
            view?.Dispose();
        }
    }
}
