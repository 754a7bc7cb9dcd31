using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtDpo.Autodiff.Building;
using OrtDpo.Models;

namespace OrtDpo.Runtime.Memory;

/// <summary>
/// A tensor in native memory that ONNX Runtime reads and writes in place: rented from a pool, owned, or a view of memory owned elsewhere.
/// </summary>
public sealed unsafe class NativeTensor : IDisposable
{
    readonly NativeBlock? block;
    readonly MemoryPool? pool;
    OrtValue? value;
    bool disposed;

    NativeTensor(nint pointer, DataType type, long[] shape, NativeBlock? block = null, MemoryPool? pool = null)
    {
        Pointer = pointer;
        Type = type;
        Shape = shape;
        Elements = shape.Aggregate(1L, (a, b) => a * b);
        this.block = block;
        this.pool = pool;
    }

    public nint Pointer { get; }

    public DataType Type { get; }

    public long[] Shape { get; }

    public long Elements { get; }

    public long Bytes => Elements * Type.Size();

    /// <summary>ONNX Runtime's view of the memory; made once.</summary>
    public OrtValue Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed || block is { IsClosed: true }, this);
            return value ??= OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, (TensorElementType)(int)Type, Shape, Pointer, Bytes);
        }
    }

    /// <summary>Rents memory; the contents are undefined.</summary>
    public static NativeTensor Rent(MemoryPool pool, DataType type, params long[] shape)
    {
        var block = pool.Rent(shape.Aggregate((long)type.Size(), (a, b) => a * b));
        return new NativeTensor(block.Address, type, shape, block, pool);
    }

    /// <summary>Allocates memory of its own, zeroed: for state that lives as long as the engine.</summary>
    public static NativeTensor Zeros(DataType type, params long[] shape)
    {
        var block = NativeBlock.Allocate(shape.Aggregate((long)type.Size(), (a, b) => a * b));
        var tensor = new NativeTensor(block.Address, type, shape, block);
        tensor.Clear();
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
        ObjectDisposedException.ThrowIf(disposed || block is { IsClosed: true }, this);
        return sizeof(T) != Type.Size()
            ? throw new ArgumentException($"A {Type} tensor cannot be read as {typeof(T).Name}.")
            : Elements <= int.MaxValue
            ? new Span<T>((void*)Pointer, (int)Elements)
            : throw new NotSupportedException($"A tensor of {Elements} elements is too large for one span.");
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
        if (pool is null)
        {
            block?.Dispose();
        }
        else
        {
            pool.Return(block!);
        }
    }
}
