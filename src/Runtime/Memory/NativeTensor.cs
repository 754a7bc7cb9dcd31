using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.Runtime.Memory;

/// <summary>
/// A tensor in native memory that ONNX Runtime reads and writes in place: rented from a pool, owned, or a view of memory owned elsewhere.
/// </summary>
public sealed unsafe class NativeTensor : IDisposable
{
    readonly MemoryPool? pool;
    readonly long capacity;
    readonly bool owned;
    OrtValue? value;
    bool disposed;

    NativeTensor(nint pointer, DataType type, long[] shape, MemoryPool? pool, long capacity, bool owned)
    {
        Pointer = pointer;
        Type = type;
        Shape = shape;
        Elements = shape.Aggregate(1L, (a, b) => a * b);
        this.pool = pool;
        this.capacity = capacity;
        this.owned = owned;
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
            ObjectDisposedException.ThrowIf(disposed, this);
            return value ??= OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, (TensorElementType)(int)Type, Shape, Pointer, Bytes);
        }
    }

    /// <summary>Rents memory; the contents are undefined.</summary>
    public static NativeTensor Rent(MemoryPool pool, DataType type, params long[] shape)
    {
        var (pointer, capacity) = pool.Rent(shape.Aggregate((long)type.Size(), (a, b) => a * b));
        return new NativeTensor(pointer, type, shape, pool, capacity, owned: false);
    }

    /// <summary>Allocates memory of its own, zeroed: for state that lives as long as the engine.</summary>
    public static NativeTensor Zeros(DataType type, params long[] shape)
    {
        var bytes = (nuint)shape.Aggregate((long)type.Size(), (a, b) => a * b);
        var pointer = NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(pointer, bytes);
        return new NativeTensor((nint)pointer, type, shape, null, 0, owned: true);
    }

    /// <summary>A view of memory that outlives it.</summary>
    public static NativeTensor View(nint pointer, DataType type, params long[] shape) => new(pointer, type, shape, null, 0, owned: false);

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
        ObjectDisposedException.ThrowIf(disposed, this);
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
        pool?.Return(Pointer, capacity);
        if (owned)
        {
            NativeMemory.AlignedFree((void*)Pointer);
        }
    }
}
