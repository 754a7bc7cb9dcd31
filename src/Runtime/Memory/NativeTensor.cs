using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.Runtime.Memory;

/// <summary>
/// A tensor in native memory that ONNX Runtime reads and writes in place: rented from a pool, or a view of memory owned elsewhere.
/// </summary>
public sealed unsafe class NativeTensor : IDisposable
{
    readonly nint address;
    readonly MemoryPool? pool;
    readonly NativeTensor? parent;
    long offset;
    OrtValue? value;
    bool disposed;

    NativeTensor(nint address, DataType type, long[] shape, MemoryPool? pool = null, NativeTensor? parent = null)
    {
        this.address = address;
        Type = type;
        Shape = shape;
        Elements = shape.Aggregate(1L, (a, b) => a * b);
        this.pool = pool;
        this.parent = parent;
    }

    /// <summary>The first element's address.</summary>
    public nint Pointer => parent is not null ? parent.Pointer + (nint)offset : pool?.Memory(address, Bytes) ?? address;

    public DataType Type { get; }

    public long[] Shape { get; }

    public long Elements { get; }

    public long Bytes => Elements * Type.Size();

    /// <summary>ONNX Runtime's view of the memory; made once.</summary>
    public OrtValue Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed || pool is { IsDisposed: true }, this);
            return value ??= OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, (TensorElementType)(int)Type, Shape, Pointer, Bytes);
        }
    }

    /// <summary>Rents memory; the contents are undefined.</summary>
    public static NativeTensor Rent(MemoryPool pool, DataType type, params long[] shape) =>
        Rent(pool, MemoryPurpose.Staging, type, shape);

    /// <summary>Rents memory for a purpose; the contents are undefined.</summary>
    public static NativeTensor Rent(MemoryPool pool, MemoryPurpose purpose, DataType type, params long[] shape) =>
        new(pool.Rent(shape.Aggregate((long)type.Size(), (a, b) => a * b), purpose), type, shape, pool);

    /// <summary>Rents memory and clears it.</summary>
    public static NativeTensor Zeros(MemoryPool pool, DataType type, params long[] shape) =>
        Zeros(pool, MemoryPurpose.Staging, type, shape);

    /// <summary>Rents memory and clears it: for state that lives as long as the pool.</summary>
    public static NativeTensor Zeros(MemoryPool pool, MemoryPurpose purpose, DataType type, params long[] shape)
    {
        var tensor = Rent(pool, purpose, type, shape);
        if (!pool.IsDry)
        {
            tensor.Clear();
        }

        return tensor;
    }

    /// <summary>A view of memory that outlives it.</summary>
    public static NativeTensor View(nint pointer, DataType type, params long[] shape) => new(pointer, type, shape);

    /// <summary>Rents memory and fills it with <paramref name="data"/>.</summary>
    public static NativeTensor From<T>(MemoryPool pool, DataType type, ReadOnlySpan<T> data, params long[] shape)
        where T : unmanaged
    {
        var tensor = Rent(pool, type, shape);
        data.CopyTo(tensor.Span<T>());
        return tensor;
    }

    /// <summary>The elements.</summary>
    /// <exception cref="NotSupportedException">More than 2³¹ − 1 elements: a span cannot hold them.</exception>
    public Span<T> Span<T>()
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(disposed || pool is { IsDisposed: true }, this);
        return sizeof(T) != Type.Size()
            ? throw new ArgumentException($"A {Type} tensor cannot be read as {typeof(T).Name}.")
            : Elements <= int.MaxValue
            ? new Span<T>((void*)Pointer, (int)Elements)
            : throw new NotSupportedException($"A tensor of {Elements} elements is too large for one span.");
    }

    /// <summary>A view of <paramref name="count"/> rows, of the slowest dimension, which this outlives.</summary>
    public NativeTensor Rows(long first, long count) =>
        new(0, Type, [count, .. Shape[1..]], parent: this) { offset = first * (Bytes / Math.Max(1, Shape[0])) };

    /// <summary>A view of as many elements as <paramref name="shape"/> has, from a multiple of its rows on.</summary>
    /// <param name="first">Rows of the view to skip.</param>
    /// <param name="shape">The view's dimensions.</param>
    public NativeTensor Flat(long first, params long[] shape) => new(0, Type, shape, parent: this)
    {
        offset = shape[1..].Aggregate(first * Type.Size(), (bytes, size) => bytes * size),
    };

    /// <summary>Copies the elements into a tensor of the same size.</summary>
    public void CopyTo(NativeTensor target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Bytes, Bytes);
        Buffer.MemoryCopy((void*)Pointer, (void*)target.Pointer, target.Bytes, Bytes);
    }

    public void Clear() => NativeMemory.Clear((void*)Pointer, (nuint)Bytes);

    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        value?.Dispose();
        pool?.Return(address);
    }
}
