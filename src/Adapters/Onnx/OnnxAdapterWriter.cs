using System.Globalization;
using System.Text;
using Google.FlatBuffers;
using OrtDpo.Safetensors;

namespace OrtDpo.Adapters.Onnx;

/// <summary>Writes <c>.onnx_adapter</c> files.</summary>
public static class OnnxAdapterWriter
{
    // ONNX Runtime maps the file and computes on what lies there: at the alignment that its own tensors have.
    const int Alignment = 64;

    // Of a tensor beside its name, sizes and numbers: two tables' worth of offsets, and padding.
    const int Rest = 256;

    /// <summary>Writes an adapter.</summary>
    /// <param name="file">Where it is written.</param>
    /// <param name="adapter">The adapter.</param>
    /// <exception cref="ArgumentException">
    /// A name stands for two tensors, or a tensor's data is not of its shape, or not floating point.
    /// </exception>
    /// <exception cref="NotSupportedException">The file would be larger than the format's 2 GB.</exception>
    public static void Write(Stream file, OnnxAdapter adapter)
    {
        Check(adapter.Tensors);
        var builder = new FlatBufferBuilder((int)Size(adapter.Tensors));
        int[] tensors = [.. adapter.Tensors.Select(tensor => Parameter(builder, tensor))];
        builder.StartVector(sizeof(int), tensors.Length, sizeof(int));
        foreach (var tensor in tensors.Reverse())
        {
            builder.AddOffset(tensor);
        }

        var parameters = builder.EndVector().Value;
        builder.StartTable(OnnxAdapterSchema.Adapter.Fields);
        builder.AddInt(OnnxAdapterSchema.Adapter.FormatVersion, OnnxAdapterSchema.FormatVersion, 0);
        builder.AddInt(OnnxAdapterSchema.Adapter.AdapterVersion, adapter.AdapterVersion, 0);
        builder.AddInt(OnnxAdapterSchema.Adapter.ModelVersion, adapter.ModelVersion, 0);
        builder.AddOffset(OnnxAdapterSchema.Adapter.Parameters, parameters, 0);
        builder.Finish(builder.EndTable(), Encoding.ASCII.GetString(OnnxAdapterSchema.Identifier));
        var buffer = builder.DataBuffer;
        file.Write(buffer.ToArraySegment(buffer.Position, buffer.Length - buffer.Position));
    }

    static void Check(IReadOnlyList<OnnxAdapterTensor> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
            {
                throw new ArgumentException($"Two tensors are called '{tensor.Name}'.", nameof(tensors));
            }

            var bytes = tensor.Shape.Aggregate(OnnxAdapterType.ByteSize(tensor.Type), (size, dim) => checked(size * dim));
            if (bytes != tensor.Data.Length)
            {
                throw new ArgumentException(
                    $"Tensor '{tensor.Name}' {TensorEntry.Describe(tensor.Shape)} holds {tensor.Data.Length} bytes; expected {bytes}.",
                    nameof(tensors));
            }
        }
    }

    // An upper bound, so that the builder allocates once.
    static long Size(IReadOnlyList<OnnxAdapterTensor> tensors)
    {
        var size = tensors.Sum(t => t.Data.LongLength + Encoding.UTF8.GetByteCount(t.Name) + (t.Shape.Length * sizeof(long)) + Rest) + Rest;
        return size <= OnnxAdapterSchema.LargestFile ? size : throw new NotSupportedException(string.Create(
            CultureInfo.InvariantCulture,
            $"The adapter takes {size} bytes, and an {OnnxAdapter.Extension} file ends at {OnnxAdapterSchema.LargestFile}. Choose 16 bits "
            + $"for its numbers (`Dtype`), or merge it into its base."));
    }

    // Children before parents: FlatBuffers are built from their end.
    static int Parameter(FlatBufferBuilder builder, OnnxAdapterTensor tensor)
    {
        builder.StartVector(sizeof(byte), tensor.Data.Length, Alignment);
        if (tensor.Data.Length > 0)
        {
            builder.Put(new ArraySegment<byte>(tensor.Data));
        }

        var data = builder.EndVector().Value;
        builder.StartVector(sizeof(long), tensor.Shape.Length, sizeof(long));
        foreach (var dimension in tensor.Shape.Reverse())
        {
            builder.AddLong(dimension);
        }

        var dims = builder.EndVector().Value;
        var name = builder.CreateString(tensor.Name).Value;
        builder.StartTable(OnnxAdapterSchema.Parameter.Fields);
        builder.AddOffset(OnnxAdapterSchema.Parameter.Name, name, 0);
        builder.AddOffset(OnnxAdapterSchema.Parameter.Dims, dims, 0);
        builder.AddInt(OnnxAdapterSchema.Parameter.DataType, OnnxAdapterType.NumberOf(tensor.Type), 0);
        builder.AddOffset(OnnxAdapterSchema.Parameter.RawData, data, 0);
        return builder.EndTable();
    }
}
