using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using OrtDpo.Batches;
using OrtDpo.Models;

namespace OrtDpo.GpuCheck.Models;

/// <summary>
/// A model of a published one's shape with random weights in bfloat16, written once, as fast as a disk takes it: normal numbers of
/// deviation 0.02, the same four million over and over from another one on; norms are 1.
/// </summary>
static class WrittenModel
{
    const int TableElements = 1 << 22;
    const ushort One = 0x3F80;

    /// <summary>Writes the model where it is not there yet.</summary>
    /// <param name="parent">Where its folder lies.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="hasNumbers">
    /// Whether weights are written; else they are a hole in the file, which takes no disk and reads as zeros.
    /// </param>
    /// <returns>The model's folder.</returns>
    public static string Write(string parent, ModelShape shape, bool hasNumbers)
    {
        var folder = Path.Combine(parent, FormattableString.Invariant($"{shape.Name}-{shape.Layers}{(hasNumbers ? "" : "-sparse")}"));
        var path = Path.Combine(folder, "model.safetensors");
        if (File.Exists(path))
        {
            return folder;
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), shape.Config());
        var (header, norms, bytes) = Header(ModelFolder.ModelOf(folder).Parameters.Select(p => (p.Name, p.Shape)));
        var unfinished = path + ".tmp";
        using (var file = File.OpenHandle(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(file, header, 0);
            RandomAccess.SetLength(file, header.Length + bytes);
            if (hasNumbers)
            {
                Fill(file, header.Length, bytes);
                foreach (var (start, count) in norms)
                {
                    var ones = new ushort[count];
                    ones.AsSpan().Fill(One);
                    RandomAccess.Write(file, MemoryMarshal.AsBytes(ones.AsSpan()), header.Length + start);
                }
            }
        }

        File.Move(unfinished, path);
        return folder;
    }

    static void Fill(SafeFileHandle file, long offset, long bytes)
    {
        var table = Table();
        const long Chunk = TableElements * (long)sizeof(ushort);
        Parallel.For(0, (bytes + Chunk - 1) / Chunk, i =>
        {
            // Not a period that rows of a power of two would share.
            var first = (int)(i * 1_000_003 % TableElements);
            var length = Math.Min(Chunk, bytes - (i * Chunk));
            var begin = MemoryMarshal.AsBytes(table.AsSpan(first));
            begin = begin[..(int)Math.Min(length, begin.Length)];
            RandomAccess.Write(file, begin, offset + (i * Chunk));
            var rest = MemoryMarshal.AsBytes(table.AsSpan())[..(int)(length - begin.Length)];
            RandomAccess.Write(file, rest, offset + (i * Chunk) + begin.Length);
        });
    }

    // By Box and Muller; the upper half of a float32 is a bfloat16.
    static ushort[] Table()
    {
        const double Deviation = 0.02;
        var (random, table) = (new SplitMix64(7), new ushort[TableElements]);
        for (var i = 0; i < table.Length; i++)
        {
            var (u, v) = (((random.Next() >> 11) + 1.0) / (1UL << 53), (random.Next() >> 11) / (double)(1UL << 53));
            table[i] = (ushort)(BitConverter.SingleToUInt32Bits((float)(
                Deviation * Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v))) >> 16);
        }

        return table;
    }

    static (byte[] Header, List<(long Start, int Count)> Norms, long Bytes) Header(IEnumerable<(string Name, long[] Shape)> parameters)
    {
        var (entries, norms, at) = (new Dictionary<string, object>(), new List<(long, int)>(), 0L);
        foreach (var (name, shape) in parameters)
        {
            var count = shape.Aggregate(1L, (a, b) => a * b);
            if (name.Contains("norm", StringComparison.Ordinal))
            {
                norms.Add((at, (int)count));
            }

            var end = at + (count * sizeof(ushort));
            entries.Add(name, new { dtype = "BF16", shape, data_offsets = new[] { at, end } });
            at = end;
        }

        const int Alignment = 8;
        var text = JsonSerializer.Serialize(entries);
        text += new string(' ', (Alignment - (Encoding.UTF8.GetByteCount(text) % Alignment)) % Alignment);
        var header = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - sizeof(long));
        Encoding.UTF8.GetBytes(text, header.AsSpan(sizeof(long)));
        return (header, norms, at);
    }
}
