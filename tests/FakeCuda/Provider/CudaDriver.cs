using System.Runtime.InteropServices;

namespace OrtDpo.FakeCuda.Tests.Provider;

/// <summary>The functions of the CUDA driver that the tests call, by their own names.</summary>
static partial class CudaDriver
{
    /// <summary>Every size and address of virtual memory is a multiple of it: 2 MiB.</summary>
    public const int Granularity = 2 << 20;

    const string Library = "libcuda.so.1";

    /// <summary>New memory of device 0, without addresses.</summary>
    public static ulong Create(long bytes)
    {
        CudaRuntime.Check(TryCreate(bytes, out var handle));
        return handle;
    }

    public static int TryCreate(long bytes, out ulong handle)
    {
        var properties = AllocationProperties.OfDevice(0);
        return cuMemCreate(out handle, (nuint)bytes, properties, 0);
    }

    /// <summary>New addresses, without memory.</summary>
    public static nint Reserve(long bytes)
    {
        CudaRuntime.Check(cuMemAddressReserve(out var address, (nuint)bytes, 0, 0, 0));
        return address;
    }

    public static int TryMap(nint address, long bytes, ulong handle) => cuMemMap(address, (nuint)bytes, 0, handle, 0);

    /// <summary>Lets the device read and write what is mapped.</summary>
    public static int TryAllow(nint address, long bytes)
    {
        const int ReadsAndWrites = 3;
        return cuMemSetAccess(address, (nuint)bytes, new() { Location = Location.OfDevice(0), Access = ReadsAndWrites }, 1);
    }

    [LibraryImport(Library)]
    public static partial int cuInit(uint flags);

    [LibraryImport(Library)]
    public static partial int cuDeviceGet(out int device, int ordinal);

    [LibraryImport(Library)]
    public static partial int cuDeviceGetAttribute(out int value, int attribute, int device);

    [LibraryImport(Library)]
    public static partial int cuCtxGetCurrent(out nint context);

    [LibraryImport(Library)]
    public static partial int cuGetErrorString(int error, out nint text);

    [LibraryImport(Library)]
    public static partial int cuMemGetAllocationGranularity(out nuint granularity, in AllocationProperties properties, int option);

    [LibraryImport(Library)]
    public static partial int cuMemUnmap(nint address, nuint bytes);

    [LibraryImport(Library)]
    public static partial int cuMemRelease(ulong handle);

    [LibraryImport(Library)]
    public static partial int cuMemAddressFree(nint address, nuint bytes);

    [LibraryImport(Library)]
    private static partial int cuMemAddressReserve(out nint address, nuint bytes, nuint alignment, nint wish, ulong flags);

    [LibraryImport(Library)]
    private static partial int cuMemCreate(out ulong handle, nuint bytes, in AllocationProperties properties, ulong flags);

    [LibraryImport(Library)]
    private static partial int cuMemMap(nint address, nuint bytes, nuint offset, ulong handle, ulong flags);

    [LibraryImport(Library)]
    private static partial int cuMemSetAccess(nint address, nuint bytes, in AccessDescription description, nuint count);

    /// <summary>CUmemLocation.</summary>
    public struct Location
    {
        public int Kind;
        public int Number;

        public static Location OfDevice(int number) => new() { Kind = 1, Number = number };
    }

    /// <summary>CUmemAllocationProp.</summary>
    public struct AllocationProperties
    {
        public int Kind;
        public int RequestedHandles;
        public Location Location;
        public nint WindowsData;
        public ulong Flags;

        public static AllocationProperties OfDevice(int number)
        {
            const int Pinned = 1;
            return new() { Kind = Pinned, Location = Location.OfDevice(number) };
        }
    }

    struct AccessDescription
    {
        public Location Location;
        public int Access;
    }
}
