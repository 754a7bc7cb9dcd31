using System.Runtime.InteropServices;

namespace OrtDpo.Runtime.Devices.Cuda;

/// <summary>
/// Virtual memory of a device through the driver (cuda.h, "Virtual Memory Management"): addresses are reserved once and become memory piece
/// by piece, so that a pool is one range however it grows, and no holes of a second allocator lie beside its own.
/// </summary>
sealed unsafe class CudaMemory(nint library, int device)
{
    const int OutOfMemory = 2;

    // CU_MEM_ALLOCATION_TYPE_PINNED, CU_MEM_LOCATION_TYPE_DEVICE, CU_MEM_ACCESS_FLAGS_PROT_READWRITE.
    const int Pinned = 1, OnDevice = 1, ReadWrite = 3;

    readonly delegate* unmanaged<nuint*, Allocation*, int, int> granularity =
        (delegate* unmanaged<nuint*, Allocation*, int, int>)CudaRuntime.Export(library, "cuMemGetAllocationGranularity");
    readonly delegate* unmanaged<nint*, nuint, nuint, nint, ulong, int> reserve =
        (delegate* unmanaged<nint*, nuint, nuint, nint, ulong, int>)CudaRuntime.Export(library, "cuMemAddressReserve");
    readonly delegate* unmanaged<nint, nuint, int> free =
        (delegate* unmanaged<nint, nuint, int>)CudaRuntime.Export(library, "cuMemAddressFree");
    readonly delegate* unmanaged<ulong*, nuint, Allocation*, ulong, int> create =
        (delegate* unmanaged<ulong*, nuint, Allocation*, ulong, int>)CudaRuntime.Export(library, "cuMemCreate");
    readonly delegate* unmanaged<ulong, int> release = (delegate* unmanaged<ulong, int>)CudaRuntime.Export(library, "cuMemRelease");
    readonly delegate* unmanaged<nint, nuint, nuint, ulong, ulong, int> map =
        (delegate* unmanaged<nint, nuint, nuint, ulong, ulong, int>)CudaRuntime.Export(library, "cuMemMap");
    readonly delegate* unmanaged<nint, nuint, int> unmap = (delegate* unmanaged<nint, nuint, int>)CudaRuntime.Export(library, "cuMemUnmap");
    readonly delegate* unmanaged<nint, nuint, Access*, nuint, int> setAccess =
        (delegate* unmanaged<nint, nuint, Access*, nuint, int>)CudaRuntime.Export(library, "cuMemSetAccess");
    readonly delegate* unmanaged<int, byte**, int> errorString =
        (delegate* unmanaged<int, byte**, int>)CudaRuntime.Export(library, "cuGetErrorString");

    /// <summary>Pieces are multiples of this.</summary>
    public long Granularity()
    {
        var allocation = OfDevice();
        nuint bytes;
        Check(granularity(&bytes, &allocation, 0), "cuMemGetAllocationGranularity");
        return (long)bytes;
    }

    /// <summary>Reserves addresses.</summary>
    public nint Reserve(long bytes)
    {
        nint address;
        Check(reserve(&address, (nuint)bytes, 0, 0, 0), "cuMemAddressReserve");
        return address;
    }

    /// <summary>Gives addresses back, of which none is memory any more.</summary>
    public void Free(nint address, long bytes) => Check(free(address, (nuint)bytes), "cuMemAddressFree");

    /// <summary>Makes reserved addresses memory that the device reads and writes.</summary>
    /// <exception cref="InsufficientMemoryException">The device has no more.</exception>
    public ulong Map(nint address, long bytes)
    {
        var allocation = OfDevice();
        ulong handle;
        Check(create(&handle, (nuint)bytes, &allocation, 0), "cuMemCreate");
        var error = map(address, (nuint)bytes, 0, handle, 0);
        if (error == 0)
        {
            var access = new Access { LocationType = OnDevice, Device = device, Flags = ReadWrite };
            error = setAccess(address, (nuint)bytes, &access, 1);
            if (error != 0)
            {
                unmap(address, (nuint)bytes);
            }
        }

        if (error != 0)
        {
            release(handle);
        }

        Check(error, "cuMemMap");
        return handle;
    }

    /// <summary>Makes what <see cref="Map"/> made mere addresses again. Nobody may be using them.</summary>
    public void Unmap(nint address, long bytes, ulong handle)
    {
        Check(unmap(address, (nuint)bytes), "cuMemUnmap");
        Check(release(handle), "cuMemRelease");
    }

    Allocation OfDevice() => new() { Type = Pinned, LocationType = OnDevice, Device = device };

    void Check(int error, string function)
    {
        if (error != 0)
        {
            byte* text = null;
            errorString(error, &text);
            var message = $"{function}: {Marshal.PtrToStringUTF8((nint)text) ?? "unknown error"} (CUDA driver error {error}).";
            throw error == OutOfMemory ? new InsufficientMemoryException(message) : new InvalidOperationException(message);
        }
    }

    // CUmemAllocationProp, of 32 bytes.
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    struct Allocation
    {
        public int Type;
        public int HandleTypes;
        public int LocationType;
        public int Device;
    }

    // CUmemAccessDesc.
    [StructLayout(LayoutKind.Sequential)]
    struct Access
    {
        public int LocationType;
        public int Device;
        public int Flags;
    }
}
