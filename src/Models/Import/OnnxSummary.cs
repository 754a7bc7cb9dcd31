using Google.Protobuf;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Models.Import;

/// <summary>What an ONNX file says of itself, read past its weights: a file of gigabytes takes as little memory as a small one.</summary>
/// <param name="Metadata">Its metadata.</param>
/// <param name="Inputs">Its graph's inputs.</param>
public sealed record OnnxSummary(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<ValueInfoProto> Inputs)
{
    const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">The file ends early, or is no ONNX model.</exception>
    public static OnnxSummary Read(string path)
    {
        var (metadata, inputs, hasGraph) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<ValueInfoProto>(), false);
        using var file = File.OpenRead(path);
        try
        {
            Walk(file, file.Length, (field, end) =>
            {
                if (field == ModelProto.MetadataPropsFieldNumber)
                {
                    var entry = StringStringEntryProto.Parser.ParseFrom(Bytes(file, end));
                    metadata[entry.Key] = entry.Value;
                }
                else if (field == ModelProto.GraphFieldNumber)
                {
                    hasGraph = true;
                    Walk(file, end, (inner, innerEnd) =>
                    {
                        if (inner == GraphProto.InputFieldNumber)
                        {
                            inputs.Add(ValueInfoProto.Parser.ParseFrom(Bytes(file, innerEnd)));
                        }
                    });
                }
            });
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{path} is damaged: {e.Message} Export it again.", e);
        }

        return hasGraph ? new(metadata, inputs) : throw Damaged(path, "it has no graph");
    }

    // Fields up to the end; those that have a length are told, and passed whatever was read of them.
    static void Walk(FileStream file, long end, Action<int, long> told)
    {
        while (file.Position < end)
        {
            var tag = Number(file);
            var (field, length) = ((int)(tag >> 3), (int)(tag & 7) switch
            {
                Varint => Passed(file),
                Fixed64 => 8,
                Fixed32 => 4,
                Delimited => (long)Number(file),
                _ => -1,
            });
            if (field == 0 || length < 0 || length > end - file.Position)
            {
                throw Damaged(file.Name, $"at byte {file.Position}, nothing of a model can stand");
            }

            var next = file.Position + length;
            if ((tag & 7) == Delimited)
            {
                told(field, next);
            }

            file.Position = next;
        }
    }

    static long Passed(FileStream file)
    {
        Number(file);
        return 0;
    }

    static ulong Number(FileStream file)
    {
        var number = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var value = file.ReadByte();
            number |= (ulong)(value & 0x7F) << shift;
            if (value is >= 0 and < 0x80)
            {
                return number;
            }

            if (value < 0)
            {
                break;
            }
        }

        throw Damaged(file.Name, "it ends within a number");
    }

    static byte[] Bytes(FileStream file, long end)
    {
        var bytes = new byte[checked((int)(end - file.Position))];
        file.ReadExactly(bytes);
        return bytes;
    }

    static InvalidDataException Damaged(string path, string why) => new($"{path} is damaged: {why}. Export it again.");
}
