using System.Globalization;
using Google.FlatBuffers;
using OrtDpo.Linked;
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

        var buffer = new ByteBuffer(File.ReadAllBytes(path));
        if (!Table.__has_identifier(buffer, OnnxAdapterSchema.Identifier))
        {
            throw new InvalidDataException(
                $"{path} is no {OnnxAdapter.Extension} file: bytes 4 to 7 are not '{OnnxAdapterSchema.Identifier}'. Give one.");
        }

        if (!IsWhole(buffer))
        {
            throw Damaged(path, "an offset leads out of it, or a field is missing");
        }

        var root = new Table(buffer.GetInt(0), buffer);
        var version = Int(root, OnnxAdapterSchema.Adapter.FormatVersion);
        if (version != OnnxAdapterSchema.FormatVersion)
        {
            throw new NotSupportedException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path} is of version {version} of the format; expected {OnnxAdapterSchema.FormatVersion}, which ONNX Runtime reads."));
        }

        return new OnnxAdapter(Tensors(path, root, buffer))
        {
            AdapterVersion = Int(root, OnnxAdapterSchema.Adapter.AdapterVersion),
            ModelVersion = Int(root, OnnxAdapterSchema.Adapter.ModelVersion),
        };
    }

    static bool IsWhole(ByteBuffer buffer)
    {
        try
        {
            return new Verifier(buffer, new Options()).VerifyBuffer(OnnxAdapterSchema.Identifier, false, VerifyAdapter);
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
        {
            // What the verifier throws where an offset lies beyond 2 GB or before the file.
            return false;
        }
    }

    static bool VerifyAdapter(Verifier verifier, uint table) => verifier.VerifyTableStart(table)
        && verifier.VerifyField(table, OnnxAdapterSchema.Entry(OnnxAdapterSchema.Adapter.FormatVersion), 4, 4, false)
        && verifier.VerifyField(table, OnnxAdapterSchema.Entry(OnnxAdapterSchema.Adapter.AdapterVersion), 4, 4, false)
        && verifier.VerifyField(table, OnnxAdapterSchema.Entry(OnnxAdapterSchema.Adapter.ModelVersion), 4, 4, false)
        && verifier.VerifyVectorOfTables(table, OnnxAdapterSchema.Entry(OnnxAdapterSchema.Adapter.Parameters), VerifyParameter, true)
        && verifier.VerifyTableEnd(table);

    static bool VerifyParameter(Verifier verifier, uint table) => verifier.VerifyTableStart(table)
        && verifier.VerifyString(table, OnnxAdapterSchema.Entry(OnnxAdapterSchema.Parameter.Name), true)
        && verifier.VerifyVectorOfData(table, OnnxAdapterSchema.Entry(OnnxAdapterSchema.Parameter.Dims), sizeof(long), true)
        && verifier.VerifyField(table, OnnxAdapterSchema.Entry(OnnxAdapterSchema.Parameter.DataType), 4, 4, false)
        && verifier.VerifyVectorOfData(table, OnnxAdapterSchema.Entry(OnnxAdapterSchema.Parameter.RawData), sizeof(byte), true)
        && verifier.VerifyTableEnd(table);

    static List<OnnxAdapterTensor> Tensors(string path, Table root, ByteBuffer buffer)
    {
        var (tensors, names) = (new List<OnnxAdapterTensor>(), new HashSet<string>(StringComparer.Ordinal));
        var field = root.__offset(OnnxAdapterSchema.Entry(OnnxAdapterSchema.Adapter.Parameters));
        var (start, count) = (root.__vector(field), root.__vector_len(field));
        for (var i = 0; i < count; i++)
        {
            var tensor = Tensor(path, new Table(root.__indirect(start + (i * sizeof(int))), buffer));
            tensors.Add(names.Add(tensor.Name) ? tensor : throw Damaged(path, $"two tensors are called '{tensor.Name}'"));
        }

        return tensors;
    }

    static OnnxAdapterTensor Tensor(string path, Table table)
    {
        var name = table.__string(table.bb_pos + Place(OnnxAdapterSchema.Parameter.Name));
        var number = Int(table, OnnxAdapterSchema.Parameter.DataType);
        var type = OnnxAdapterType.Of(number) ?? throw new NotSupportedException(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: tensor '{name}' has ONNX's element type {number}; expected 1 (float32), 10 (float16) or 16 (bfloat16)."));
        var dims = Place(OnnxAdapterSchema.Parameter.Dims);
        var (start, rank) = (table.__vector(dims), table.__vector_len(dims));
        long[] shape = [.. Enumerable.Range(0, rank).Select(i => table.bb.GetLong(start + (i * sizeof(long))))];
        var data = Place(OnnxAdapterSchema.Parameter.RawData);
        var bytes = table.bb.ToArray(table.__vector(data), table.__vector_len(data));
        if (bytes.Length != BytesOf(shape, type))
        {
            throw Damaged(path, string.Create(
                CultureInfo.InvariantCulture,
                $"tensor '{name}' {TensorEntry.Describe(shape)} of {type.ConfigName()} holds {bytes.Length} bytes"));
        }

        return new OnnxAdapterTensor(name, type, shape, bytes);

        int Place(int field) => table.__offset(OnnxAdapterSchema.Entry(field));
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

    static int Int(Table table, int field) =>
        table.__offset(OnnxAdapterSchema.Entry(field)) is > 0 and var place ? table.bb.GetInt(table.bb_pos + place) : 0;

    static InvalidDataException Damaged(string path, string what) => new($"{path} is damaged: {what}. Get the file again.");
}
