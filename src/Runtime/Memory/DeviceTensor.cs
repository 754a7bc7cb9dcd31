using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Devices;

namespace OrtDpo.Runtime.Memory;

/// <summary>
/// A tensor in a device's memory that ONNX Runtime reads and writes in place: rented from a pool, or a view of memory owned elsewhere. The
/// host gets copies of its numbers; a <see cref="HostTensor"/> shows them as they are.
/// </summary>
public unsafe class DeviceTensor : IDisposable
{
    readonly nint address;
    readonly MemoryPool? pool;
    OrtValue? value;
    bool disposed;

    private protected DeviceTensor(nint address, DataType type, long[] shape, Device device, MemoryPool? pool, DeviceTensor? parent)
    {
        this.address = address;
        Type = type;
        Shape = shape;
        Elements = shape.Aggregate(1L, (a, b) => a * b);
        Device = device;
        this.pool = pool;
        Owner = parent?.Owner ?? pool;
    }

    /// <summary>The device whose memory it lies in.</summary>
    public Device Device { get; }

    public DataType Type { get; }

    public long[] Shape { get; }

    public long Elements { get; }

    public long Bytes => Elements * Type.Size();

    /// <summary>ONNX Runtime's view of the memory; made once.</summary>
    public OrtValue Value
    {
        get
        {
            RequireAlive();
            return value ??= OrtValue.CreateTensorValueWithData(Device.MemoryInfo, (TensorElementType)(int)Type, Shape, Address, Bytes);
        }
    }

    /// <summary>The first element's address on the device.</summary>
    internal nint Address
    {
        get
        {
            RequireAlive();
            return address;
        }
    }

    // Whose block it is, or is a view of; null: memory owned elsewhere.
    private protected MemoryPool? Owner { get; }

    // Planned tensors have places and no memory.
    bool HasMemory => Owner is not { IsDry: true };

    /// <summary>Rents memory; the contents are undefined.</summary>
    public static DeviceTensor Rent(MemoryPool pool, DataType type, params long[] shape) => Rent(pool, MemoryPurpose.Staging, type, shape);

    /// <summary>Rents memory for a purpose; the contents are undefined.</summary>
    public static DeviceTensor Rent(MemoryPool pool, MemoryPurpose purpose, DataType type, params long[] shape)
    {
        var address = pool.Rent(shape.Aggregate((long)type.Size(), (a, b) => a * b), purpose);
        return Of(address, type, shape, pool.Device, pool, parent: null);
    }

    /// <summary>Rents memory and clears it.</summary>
    public static DeviceTensor Zeros(MemoryPool pool, DataType type, params long[] shape) =>
        Zeros(pool, MemoryPurpose.Staging, type, shape);

    /// <summary>Rents memory for a purpose and clears it.</summary>
    public static DeviceTensor Zeros(MemoryPool pool, MemoryPurpose purpose, DataType type, params long[] shape)
    {
        var tensor = Rent(pool, purpose, type, shape);
        tensor.Clear();
        return tensor;
    }

    /// <summary>Rents memory and fills it with <paramref name="data"/>.</summary>
    public static DeviceTensor From<T>(MemoryPool pool, DataType type, ReadOnlySpan<T> data, params long[] shape)
        where T : unmanaged
    {
        var tensor = Rent(pool, type, shape);
        tensor.Write(data);
        return tensor;
    }

    /// <summary>A copy of the elements.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> has another size than the elements.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        RequireSize<T>();
        var elements = new T[Elements];
        fixed (T* target = elements)
        {
            if (HasMemory)
            {
                Device.Download(Address, (nint)target, Bytes);
            }
        }

        return elements;
    }

    /// <summary>Overwrites the elements.</summary>
    /// <exception cref="ArgumentException">There are as many elements as <paramref name="data"/> has, or of another size.</exception>
    public void Write<T>(ReadOnlySpan<T> data)
        where T : unmanaged
    {
        RequireSize<T>();
        ArgumentOutOfRangeException.ThrowIfNotEqual(data.Length, Elements);
        fixed (T* source = data)
        {
            Write((nint)source);
        }
    }

    /// <summary>A view of <paramref name="count"/> rows, of the slowest dimension, which this outlives.</summary>
    public DeviceTensor Rows(long first, long count) => Part(first * (Bytes / Math.Max(1, Shape[0])), [count, .. Shape[1..]]);

    /// <summary>A view of as many elements as <paramref name="shape"/> has, from a multiple of its rows on.</summary>
    /// <param name="first">Rows of the view to skip.</param>
    /// <param name="shape">The view's dimensions.</param>
    public DeviceTensor Flat(long first, params long[] shape) =>
        Part(shape[1..].Aggregate(first * Type.Size(), (bytes, size) => bytes * size), shape);

    /// <summary>Copies the elements into a tensor of the same size on the same device.</summary>
    public void CopyTo(DeviceTensor target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Bytes, Bytes);
        if (HasMemory)
        {
            Device.Copy(Address, target.Address, Bytes);
        }
    }

    public void Clear()
    {
        if (HasMemory)
        {
            Device.Clear(Address, Bytes);
        }
    }

    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        GC.SuppressFinalize(this);
        value?.Dispose();
        pool?.Return(address);
    }

    /// <summary>Copies bytes of the elements.</summary>
    /// <param name="offset">The first byte to copy, within the tensor.</param>
    /// <param name="target">Room for as many bytes as are wanted.</param>
    public void ReadBytes(long offset, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + target.Length, Bytes);
        fixed (byte* bytes = target)
        {
            if (HasMemory)
            {
                Device.Download(Address + (nint)offset, (nint)bytes, target.Length);
            }
        }
    }

    /// <summary>Overwrites the elements with those at an address of the host's; of a planned tensor nothing.</summary>
    public void Write(nint source)
    {
        if (HasMemory)
        {
            Device.Upload(source, Address, Bytes);
        }
    }

    private protected static DeviceTensor Of(
        nint address, DataType type, long[] shape, Device device, MemoryPool? pool, DeviceTensor? parent) =>
        device.IsHost
            ? new HostTensor(address, type, shape, device, pool, parent)
            : new DeviceTensor(address, type, shape, device, pool, parent);

    private protected void RequireAlive() => ObjectDisposedException.ThrowIf(disposed || Owner is { IsDisposed: true }, this);

    private protected void RequireSize<T>()
        where T : unmanaged
    {
        if (sizeof(T) != Type.Size())
        {
            throw new ArgumentException($"A {Type} tensor cannot be read or written as {typeof(T).Name}.");
        }
    }

    /// <summary>A view of bytes from an offset on as a tensor of another type, which this outlives.</summary>
    internal DeviceTensor Cut(long offset, DataType type, long[] shape) =>
        Of(address + (nint)offset, type, shape, Device, pool: null, parent: this);

    DeviceTensor Part(long offset, long[] shape) => Of(address + (nint)offset, Type, shape, Device, pool: null, parent: this);
}
