using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Devices;

namespace OrtDpo.Runtime.Memory;

/// <summary>A tensor in the host's own memory.</summary>
public sealed unsafe class HostTensor : DeviceTensor
{
    internal HostTensor(nint address, DataType type, long[] shape, Device device, MemoryPool? pool, DeviceTensor? parent)
        : base(address, type, shape, device, pool, parent)
    {
        if (!device.IsHost)
        {
            throw new ArgumentException($"The memory of {device.Name} is not the host's.", nameof(device));
        }
    }

    /// <summary>The first element's address.</summary>
    /// <exception cref="InvalidOperationException">The tensor is only planned.</exception>
    public nint Pointer => Owner is not { IsDry: true } ? Address
        : throw new InvalidOperationException("A tensor of a dry pool has a place and no memory.");

    /// <summary>Rents the host's memory; the contents are undefined.</summary>
    /// <exception cref="InvalidCastException">The pool is of another device.</exception>
    public static new HostTensor Rent(MemoryPool pool, DataType type, params long[] shape) =>
        (HostTensor)DeviceTensor.Rent(pool, type, shape);

    /// <summary>Rents the host's memory and clears it.</summary>
    /// <exception cref="InvalidCastException">The pool is of another device.</exception>
    public static new HostTensor Zeros(MemoryPool pool, DataType type, params long[] shape) =>
        (HostTensor)DeviceTensor.Zeros(pool, type, shape);

    /// <summary>Rents the host's memory and fills it with <paramref name="data"/>.</summary>
    /// <exception cref="InvalidCastException">The pool is of another device.</exception>
    public static new HostTensor From<T>(MemoryPool pool, DataType type, ReadOnlySpan<T> data, params long[] shape)
        where T : unmanaged =>
        (HostTensor)DeviceTensor.From(pool, type, data, shape);

    /// <summary>A view of memory that outlives it.</summary>
    public static HostTensor View(nint pointer, DataType type, params long[] shape) =>
        new(pointer, type, shape, Device.Cpu, pool: null, parent: null);

    /// <summary>The elements.</summary>
    /// <exception cref="NotSupportedException">More than 2³¹ − 1 elements: a span cannot hold them.</exception>
    public Span<T> Span<T>()
        where T : unmanaged
    {
        RequireSize<T>();
        return Elements <= int.MaxValue
            ? new Span<T>((void*)Pointer, (int)Elements)
            : throw new NotSupportedException($"A tensor of {Elements} elements is too large for one span.");
    }
}
