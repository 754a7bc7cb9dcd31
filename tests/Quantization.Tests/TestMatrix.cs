using System.Runtime.InteropServices;

namespace OrtDpo.Quantization.Tests;

/// <summary>Numbers in native memory, where quantisers read them.</summary>
sealed unsafe class TestMatrix : IDisposable
{
    readonly void* memory;

    public TestMatrix(float[] values, int rows, int columns)
    {
        Assert.Equal(rows * columns, values.Length);
        Values = values;
        memory = NativeMemory.Alloc((nuint)values.Length, sizeof(float));
        values.CopyTo(new Span<float>(memory, values.Length));
        Source = new SourceMatrix("w", (nint)memory, SourceType.Float32, rows, columns);
    }

    TestMatrix(ushort[] bits, SourceType type, float[] values, int rows, int columns)
    {
        Values = values;
        memory = NativeMemory.Alloc((nuint)bits.Length, sizeof(ushort));
        bits.CopyTo(new Span<ushort>(memory, bits.Length));
        Source = new SourceMatrix("w", (nint)memory, type, rows, columns);
    }

    public float[] Values { get; }

    public SourceMatrix Source { get; }

    /// <summary>
    /// Like weights: about normal, of a size that differs from block to block, with a few blocks of zeros and a few of tiny numbers.
    /// </summary>
    public static TestMatrix Weights(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var size = 1.0;
        return new([.. Enumerable.Range(0, rows * columns).Select(i =>
        {
            if (i % 64 == 0)
            {
                size = random.Next(8) switch { 0 => 0, 1 => Math.Pow(2, -40), _ => Math.Pow(2, random.Next(-12, 4)) };
            }

            return (float)(size * Normal(random));
        })], rows, columns);
    }

    /// <summary>Numbers of the normal distribution times <paramref name="size"/>.</summary>
    public static TestMatrix Normal(int rows, int columns, int seed, double size = 0.02)
    {
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, rows * columns).Select(_ => (float)(size * Normal(random)))], rows, columns);
    }

    /// <summary>These numbers cut to 16 bits; <see cref="Values"/> has what is left of them.</summary>
    public TestMatrix Narrowed(SourceType type)
    {
        var bits = Values.Select(v => type == SourceType.Float16
            ? BitConverter.HalfToUInt16Bits((Half)v)
            : (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)).ToArray();
        var values = bits.Select(b => type == SourceType.Float16
            ? (float)BitConverter.UInt16BitsToHalf(b)
            : BitConverter.UInt32BitsToSingle((uint)b << 16)).ToArray();
        return new(bits, type, values, Source.Rows, Source.Columns);
    }

    public void Dispose() => NativeMemory.Free(memory);

    static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
