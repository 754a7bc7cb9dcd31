using OrtDpo.Quantization;

namespace OrtDpo.Models.Quantized;

/// <summary>A parameter that is held in 4 bits: the matrix [out, in] of a linear layer, whichever way the model has it.</summary>
/// <param name="name">The parameter.</param>
/// <param name="rows">Outputs.</param>
/// <param name="columns">Inputs.</param>
/// <param name="isInOut">Whether the model's parameter is [in, out].</param>
/// <param name="planned">The form of the matrix; where it is quantised first, the one that takes most.</param>
/// <param name="make">Reads or quantises the matrix, on so many threads.</param>
public sealed class QuantizedWeight(
    string name, int rows, int columns, bool isInOut, QuantizedForm planned, Func<int, QuantizedMatrix> make)
{
    QuantizedMatrix? matrix;

    /// <summary>A weight whose matrix is there.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="matrix">The matrix.</param>
    /// <param name="mapped">How many of its bytes lie in a mapped file.</param>
    /// <param name="isInOut">Whether the model's parameter is [in, out].</param>
    internal static QuantizedWeight Of(string name, QuantizedMatrix matrix, long mapped, bool isInOut = false) =>
        new(name, matrix.Rows, matrix.Columns, isInOut, matrix.Form, _ => matrix) { MappedBytes = mapped };

    /// <summary>The parameter.</summary>
    public string Name => name;

    /// <summary>How many of its bytes lie in a mapped file.</summary>
    public long MappedBytes { get; init; }

    /// <summary>Whether the model's parameter is [in, out]: the matrix transposed.</summary>
    public bool IsInOut => isInOut;

    /// <summary>Elements of the parameter.</summary>
    public long Count => (long)rows * columns;

    /// <summary>Rows of the matrix, which can be dequantised apart.</summary>
    public int Rows => rows;

    /// <summary>Bytes that the matrix takes; before it was quantised, at most.</summary>
    public long Bytes => matrix?.ByteCount ?? Layout.ByteCount;

    /// <summary>Columns of the matrix.</summary>
    public int Columns => columns;

    /// <summary>The form of the matrix; before it was quantised, the one that takes most.</summary>
    public QuantizedForm Form => matrix?.Form ?? planned;

    /// <summary>The shapes of its parts in that form.</summary>
    public QuantizedLayout Layout => QuantizedLayout.Of(Form.Format, Form.Block, rows, columns);

    /// <summary>The matrix, which is quantised when it is first asked for.</summary>
    public QuantizedMatrix Matrix => Prepare(threads: 1);

    /// <summary>Quantises the matrix, unless that is done.</summary>
    internal QuantizedMatrix Prepare(int threads) => matrix ??= make(threads);

    /// <summary>Some rows of the matrix as float32, in their places of the parameter.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="parameter">The whole parameter's first element: float32, in the model's shape.</param>
    public unsafe void Dequantise(int first, int count, nint parameter)
    {
        if (isInOut)
        {
            Matrix.DequantiseTransposed(first, count, new Span<float>((float*)parameter, checked((int)Count)));
            return;
        }

        Matrix.DequantiseRows(
            first, count, new Span<float>((float*)parameter + ((long)first * columns), checked(count * columns)));
    }

    /// <summary>A matrix in memory that a folder owns.</summary>
    internal static unsafe QuantizedMatrix Owned(QuantizedMatrix made, Action<NativeBlock> own)
    {
        var block = NativeBlock.Allocate(made.ByteCount);
        own(block);
        var at = block.Address;
        return new QuantizedMatrix(
            made.Form, made.Rows, made.Columns, Moved(made.Codes), Moved(made.ScaleBytes), Moved(made.ZeroPoints));

        ReadOnlyMemory<byte> Moved(ReadOnlyMemory<byte> bytes)
        {
            if (bytes.IsEmpty)
            {
                return default;
            }

            bytes.Span.CopyTo(new Span<byte>((void*)at, bytes.Length));
            var moved = new ViewedBytes(at, bytes.Length).Memory;
            at += bytes.Length;
            return moved;
        }
    }
}
