using System.Globalization;
using OrtDpo.Linked;
using OrtDpo.Linked.FlatBuffers;
using OrtDpo.Safetensors;

namespace OrtDpo.Adapters.Onnx;

/// <summary>
/// Reads <c>.onnx_adapter</c> files, and checks more than ONNX Runtime does, which computes on whatever lies behind a tensor that is
/// shorter than its shape.
/// </summary>
public static class OnnxAdapterReader
{
    const int ShortestFile = 12;

    /// <summary>Reads an adapter.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no adapter, or is damaged; the message says where.</exception>
    /// <exception cref="NotSupportedException">
    /// It is of a version that ONNX Runtime does not read either, or a tensor is not floating point of 32 or 16 bits.
    /// </exception>
    public static OnnxAdapter Read(string path)
    {
        GitLfsPointer.Refuse(path);
        var length = new FileInfo(path).Length;
        if (length is < ShortestFile or > OnnxAdapterSchema.LargestFile)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"{path} has {length} bytes, as no {OnnxAdapter.Extension} file has. Get the file again."));
        }

        var bytes = File.ReadAllBytes(path);
        if (!bytes.AsSpan(4, 4).SequenceEqual(OnnxAdapterSchema.Identifier))
        {
            throw new InvalidDataException($"{path} is no {OnnxAdapter.Extension} file: bytes 4 to 7 are not 'TORT'. Give one.");
        }

        var file = new FlatFile(path, bytes);
        var root = file.Root;
        var version = root.Int32(OnnxAdapterSchema.Adapter.FormatVersion);
        if (version != OnnxAdapterSchema.FormatVersion)
        {
            throw new NotSupportedException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path} is of version {version} of the format; expected {OnnxAdapterSchema.FormatVersion}, which ONNX Runtime reads."));
        }

        return new OnnxAdapter(Tensors(path, file, root))
        {
            AdapterVersion = root.Int32(OnnxAdapterSchema.Adapter.AdapterVersion),
            ModelVersion = root.Int32(OnnxAdapterSchema.Adapter.ModelVersion),
        };
    }

    static List<OnnxAdapterTensor> Tensors(string path, FlatFile file, FlatTable root)
    {
        var (tensors, names) = (new List<OnnxAdapterTensor>(), new HashSet<string>(StringComparer.Ordinal));
        var (start, count) = file.Vector(root.Target(OnnxAdapterSchema.Adapter.Parameters), sizeof(int));
        for (var i = 0; i < count; i++)
        {
            var tensor = Tensor(path, file, new FlatTable(file, file.Target(start + (i * (long)sizeof(int)))));
            tensors.Add(names.Add(tensor.Name) ? tensor : throw Damaged(path, $"two tensors are called '{tensor.Name}'"));
        }

        return tensors;
    }

    static OnnxAdapterTensor Tensor(string path, FlatFile file, FlatTable table)
    {
        var name = file.Text(table.Target(OnnxAdapterSchema.Parameter.Name));
        var number = table.Int32(OnnxAdapterSchema.Parameter.DataType);
        var type = OnnxAdapterType.Of(number) ?? throw new NotSupportedException(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: tensor '{name}' has ONNX's element type {number}; expected 1 (float32), 10 (float16) or 16 (bfloat16)."));
        var shape = file.Int64s(table.Target(OnnxAdapterSchema.Parameter.Dims));
        var bytes = file.Bytes(table.Target(OnnxAdapterSchema.Parameter.RawData));
        return bytes.Length == BytesOf(shape, type)
            ? new OnnxAdapterTensor(name, type, shape, bytes)
            : throw Damaged(path, string.Create(
                CultureInfo.InvariantCulture,
                $"tensor '{name}' {TensorEntry.Describe(shape)} of {type.ConfigName()} holds {bytes.Length} bytes"));
    }

    // Null where there are no so large files.
    static long? BytesOf(long[] shape, WeightType type)
    {
        var bytes = (Int128)type.ByteSize();
        foreach (var dimension in shape)
        {
            bytes *= dimension;
            if (dimension < 0 || bytes > OnnxAdapterSchema.LargestFile)
            {
                return null;
            }
        }

        return (long)bytes;
    }

    static InvalidDataException Damaged(string path, string what) => new($"{path} is damaged: {what}. Get the file again.");
}
