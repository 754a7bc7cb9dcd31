using System.Buffers.Binary;
using System.Text.Json;
using OrtDpo.Linked;

namespace OrtDpo.Safetensors;

/// <summary>
/// Reads and checks the header of a safetensors file: an int64 LE length, then JSON, then the tensors' bytes without a gap.
/// </summary>
static class SafetensorsHeader
{
    // The limit of the format's own reader; it keeps a damaged length from asking for gigabytes.
    const long MaxHeaderBytes = 100_000_000;

    /// <summary>The tensors in the order of their bytes.</summary>
    /// <exception cref="InvalidDataException">The header breaks a rule of the format, or does not fit the file's length.</exception>
    public static (List<TensorEntry> Tensors, Dictionary<string, string> Metadata) Read(Stream file, string path)
    {
        var length = file.Length;
        GitLfsPointer.Refuse(path);
        Span<byte> prefix = stackalloc byte[8];
        if (length < prefix.Length)
        {
            throw new InvalidDataException(
                $"{path}: the file has {length} bytes; a safetensors file begins with 8 bytes of header length. {Again}");
        }

        file.ReadExactly(prefix);
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > MaxHeaderBytes || (long)headerBytes > length - prefix.Length)
        {
            throw new InvalidDataException(
                $"{path}: the header claims {headerBytes} bytes, but {length - prefix.Length} bytes follow its length "
                + $"(at most {MaxHeaderBytes} are read). {Again}");
        }

        var header = new byte[headerBytes];
        file.ReadExactly(header);
        return Parse(header, dataStart: prefix.Length + (long)headerBytes, length, path);
    }

    const string Again = "Fetch the file again.";

    static (List<TensorEntry>, Dictionary<string, string>) Parse(byte[] header, long dataStart, long fileLength, string path)
    {
        using var json = ParseJson(header, path);
        if (json.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException(
                $"{path}: the header is a JSON {json.RootElement.ValueKind}; expected an object of tensors. {Again}");
        }

        var metadata = new Dictionary<string, string>();
        var tensors = new List<TensorEntry>();
        var names = new HashSet<string>();
        foreach (var property in json.RootElement.EnumerateObject())
        {
            if (!names.Add(property.Name))
            {
                throw new InvalidDataException($"{path}: tensor '{property.Name}' occurs twice in the header. "
                    + "Names are unique in a safetensors file.");
            }

            if (property.NameEquals("__metadata__"))
            {
                ReadMetadata(property.Value, metadata, path);
            }
            else
            {
                tensors.Add(ReadEntry(property.Name, property.Value, dataStart, fileLength, path));
            }
        }

        CheckContiguous(tensors, dataStart, fileLength, path);
        return (tensors, metadata);
    }

    static JsonDocument ParseJson(byte[] header, string path)
    {
        try
        {
            return JsonBytes.Parse(header, path, start: sizeof(long));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: the header is not JSON: {e.Message} {Again}", e);
        }
    }

    static void ReadMetadata(JsonElement value, Dictionary<string, string> metadata, string path)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.String))
        {
            throw new InvalidDataException($"{path}: '__metadata__' must be an object of strings.");
        }

        foreach (var property in value.EnumerateObject())
        {
            metadata[property.Name] = property.Value.GetString()!;
        }
    }

    static TensorEntry ReadEntry(string name, JsonElement value, long dataStart, long fileLength, string path)
    {
        var where = $"{path}: tensor '{name}'";
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || Numbers(value, "shape") is not { } shape
            || Numbers(value, "data_offsets") is not [var begin, var end])
        {
            throw new InvalidDataException(
                $"{where} must have 'dtype' (a string), 'shape' and 'data_offsets' (begin, end; integers of at least 0).");
        }

        var typeName = dtype.GetString()!;
        if (!Enum.TryParse<WeightType>(typeName, out var type) || !Enum.IsDefined(type) || type.ToString() != typeName)
        {
            throw new InvalidDataException(
                $"{where} has dtype '{typeName}'. Expected one of {string.Join(", ", Enum.GetNames<WeightType>())}.");
        }

        if (end < begin || end > fileLength - dataStart)
        {
            throw new InvalidDataException(
                $"{where} lies at bytes {begin} to {end}, but the file holds {fileLength - dataStart} bytes of tensors. {Again}");
        }

        if (ByteCount(shape, type) is not { } bytes || bytes != end - begin)
        {
            throw new InvalidDataException(
                $"{where} is {typeName} {TensorEntry.Describe(shape)}, "
                + $"which does not take the {end - begin} bytes of its offsets {begin} to {end}.");
        }

        return new TensorEntry(name, type, shape, dataStart + begin, end - begin);
    }

    static long[]? Numbers(JsonElement value, string property)
    {
        if (!value.TryGetProperty(property, out var array) || array.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var numbers = new long[array.GetArrayLength()];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt64(out numbers[i]) || numbers[i] < 0)
            {
                return null;
            }
        }

        return numbers;
    }

    // null where the product overflows: no file is that long.
    static long? ByteCount(long[] shape, WeightType type)
    {
        Int128 bytes = type.ByteSize();
        foreach (var dimension in shape)
        {
            bytes *= dimension;
            if (bytes > long.MaxValue)
            {
                return null;
            }
        }

        return (long)bytes;
    }

    static void CheckContiguous(List<TensorEntry> tensors, long dataStart, long fileLength, string path)
    {
        // Empty tensors share their offset with a neighbour: shortest first among equals.
        tensors.Sort((a, b) => (a.Offset, a.ByteCount).CompareTo((b.Offset, b.ByteCount)));
        var at = dataStart;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != at)
            {
                var fault = tensor.Offset < at ? "overlaps the tensor before it" : "leaves a gap after the tensor before it";
                throw new InvalidDataException(
                    $"{path}: tensor '{tensor.Name}' begins at byte {tensor.Offset - dataStart} and {fault}, "
                    + $"which ends at {at - dataStart}. {Again}");
            }

            at += tensor.ByteCount;
        }

        if (at != fileLength)
        {
            throw new InvalidDataException(
                $"{path}: the tensors end at byte {at} of the file, but it has {fileLength} bytes. {Again}");
        }
    }
}
