using System.IO.MemoryMappedFiles;

namespace OrtDpo.Safetensors;

/// <summary>A safetensors file mapped into memory: nothing is read before it is used, and nothing is copied.</summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    readonly MemoryMappedViewAccessor view;
    readonly byte* start;

    SafetensorsFile(string path, List<TensorEntry> tensors, Dictionary<string, string> metadata, MemoryMappedViewAccessor view)
    {
        Path = path;
        Tensors = tensors.ToDictionary(t => t.Name);
        Metadata = metadata;
        this.view = view;
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        start = pointer + view.PointerOffset;
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>The strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Maps the file at <paramref name="path"/> after checking its whole header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is truncated, or its header breaks a rule of the format.</exception>
    public static SafetensorsFile Open(string path, WeightMapping mapping = WeightMapping.ReadOnly)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist. Expected a safetensors file.", path);
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var (tensors, metadata) = SafetensorsHeader.Read(stream, path);
        // Only float32 weights train where they are mapped. What may be written counts as the process's own data, written or not.
        var access = mapping == WeightMapping.CopyOnWrite && tensors.Exists(t => t.Type == WeightType.F32)
            ? MemoryMappedFileAccess.CopyOnWrite
            : MemoryMappedFileAccess.Read;
        using var file = MemoryMappedFile.CreateFromFile(stream, null, 0, access, HandleInheritability.None, leaveOpen: true);
        return new SafetensorsFile(path, tensors, metadata, file.CreateViewAccessor(0, 0, access));
    }

    /// <summary>The address of the tensor's first byte; aligned to its element only where the file happens to be.</summary>
    public nint Address(TensorEntry tensor) => (nint)(start + tensor.Offset);

    /// <summary>
    /// Lets go of the pages of <paramref name="count"/> bytes of a tensor that nobody wrote to; they are read again where they are used.
    /// </summary>
    public void Release(TensorEntry tensor, long start, long count) => MappedPages.Release(Address(tensor) + (nint)start, count);

    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
    }
}
