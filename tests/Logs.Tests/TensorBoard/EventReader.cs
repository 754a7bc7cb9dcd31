using System.Text;

namespace OrtDpo.Logs.Tests.TensorBoard;

/// <summary>
/// Reads event files by the published format and nothing of the writer: records by TFRecord's framing with a checksum that is computed bit
/// by bit, messages by the wire format of protocol buffers. A record that is not whole ends the file, as it does for TensorBoard; one that
/// is whole and wrong is a fault.
/// </summary>
static class EventReader
{
    // The Castagnoli polynomial, bits reversed.
    const uint Polynomial = 0x82F63B78;

    public static List<ReadEvent> Read(string path) => [.. Records(File.ReadAllBytes(path)).Select(Event)];

    /// <summary>What TensorBoard shows of a folder: the points of each tag; a START takes back those at its step and after it.</summary>
    public static Dictionary<string, List<(long Step, float Value)>> Shown(string folder)
    {
        var shown = new Dictionary<string, List<(long Step, float Value)>>();
        foreach (var found in Directory.GetFiles(folder, "*tfevents*").Order(StringComparer.Ordinal).SelectMany(Read))
        {
            if (found.SessionStatus == 1)
            {
                foreach (var points in shown.Values)
                {
                    points.RemoveAll(point => point.Step >= found.Step);
                }
            }

            foreach (var (tag, value) in found.Scalars)
            {
                if (!shown.TryGetValue(tag, out var points))
                {
                    shown.Add(tag, points = []);
                }

                points.Add((found.Step, value));
            }
        }

        return shown;
    }

    public static uint BitwiseCrc32C(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFF;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Polynomial;
            }
        }

        return crc ^ 0xFFFFFFFF;
    }

    public static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; file.Length - at >= 12;)
        {
            var length = (int)BitConverter.ToUInt64(file, at);
            Require(BitConverter.ToUInt32(file, at + 8) == Masked(file.AsSpan(at, 8)), $"the checksum of the length at {at}");
            if (file.Length - at < length + 16)
            {
                yield break;
            }

            var data = file[(at + 12)..(at + 12 + length)];
            Require(BitConverter.ToUInt32(file, at + 12 + length) == Masked(data), $"the checksum of the record at {at}");
            yield return data;
            at += length + 16;
        }
    }

    static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = BitwiseCrc32C(data);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xA282EAD8);
    }

    static ReadEvent Event(byte[] message)
    {
        var found = new ReadEvent();
        foreach (var (field, wire, value) in Fields(message))
        {
            switch (field, wire)
            {
                case (1, 1):
                    found = found with { WallTime = BitConverter.ToDouble(value) };
                    break;
                case (2, 0):
                    found = found with { Step = (long)Varint(value) };
                    break;
                case (3, 2):
                    found = found with { FileVersion = Encoding.UTF8.GetString(value) };
                    break;
                case (5, 2):
                    Summary(value, found);
                    break;
                case (7, 2):
                    found = found with { SessionStatus = (long)Varint(Of(value, 1, 0).Single()) };
                    break;
                case (10, 2):
                    found = found with { Writer = Encoding.UTF8.GetString(Of(value, 1, 2).Single()) };
                    break;
                default:
                    throw new InvalidDataException($"An event has no field {field} of wire type {wire} here.");
            }
        }

        return found;
    }

    static void Summary(byte[] message, ReadEvent into)
    {
        foreach (var value in Of(message, 1, 2))
        {
            var tag = Encoding.UTF8.GetString(Of(value, 1, 2).Single());
            if (Of(value, 2, 5).SingleOrDefault() is { } scalar)
            {
                into.Scalars.Add(tag, BitConverter.ToSingle(scalar));
                continue;
            }

            // A text: one string in a tensor of strings, whose metadata name the plugin that shows it.
            var (tensor, metadata) = (Of(value, 8, 2).Single(), Of(value, 9, 2).Single());
            Require(Varint(Of(tensor, 1, 0).Single()) == 7, "the tensor's type, DT_STRING");
            Require(Varint(Of(Of(Of(tensor, 2, 2).Single(), 2, 2).Single(), 1, 0).Single()) == 1, "the tensor's size");
            Require(Encoding.UTF8.GetString(Of(Of(metadata, 1, 2).Single(), 1, 2).Single()) == "text", "the plugin's name");
            into.Texts.Add(tag, Encoding.UTF8.GetString(Of(tensor, 8, 2).Single()));
        }
    }

    static IEnumerable<byte[]> Of(byte[] message, int field, int wire) =>
        Fields(message).Where(found => found.Field == field && found.Wire == wire).Select(found => found.Value);

    static IEnumerable<(int Field, int Wire, byte[] Value)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = (int)Varint(message, ref at);
            var wire = key & 7;
            var start = at;
            var length = wire switch
            {
                0 => Skipped(message, at),
                1 => 8,
                2 => (int)Varint(message, ref start),
                5 => 4,
                _ => throw new InvalidDataException($"Wire type {wire} at {at}."),
            };
            at = start + length;
            yield return (key >> 3, wire, message[start..at]);
        }
    }

    static int Skipped(byte[] message, int at)
    {
        var end = at;
        Varint(message, ref end);
        return end - at;
    }

    static ulong Varint(byte[] value)
    {
        var at = 0;
        return Varint(value, ref at);
    }

    static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }

    static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidDataException($"{what} is wrong.");
        }
    }
}
