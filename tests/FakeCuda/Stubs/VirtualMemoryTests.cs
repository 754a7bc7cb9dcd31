using System.Runtime.InteropServices;
using OrtDpo.Testing.FakeCuda;
using static OrtDpo.FakeCuda.Tests.Provider.CudaDriver;
using static OrtDpo.FakeCuda.Tests.Provider.CudaRuntime;

namespace OrtDpo.FakeCuda.Tests.Stubs;

public sealed class VirtualMemoryTests
{
    public VirtualMemoryTests()
    {
        FakeCudaDevice.Require();
        Check(cuInit(0));
    }

    [Fact]
    public void The_driver_has_a_device_with_virtual_memory()
    {
        const int VirtualMemoryManagement = 102;
        Check(cuDeviceGet(out var device, 0));
        Check(cuDeviceGetAttribute(out var hasIt, VirtualMemoryManagement, device));
        Assert.Equal(1, hasIt);
        Check(cuMemGetAllocationGranularity(out var granularity, AllocationProperties.OfDevice(device), 0));
        Assert.Equal((nuint)Granularity, granularity);
        Check(cuGetErrorString(MemoryAllocation, out var text));
        Assert.Equal("out of memory", Marshal.PtrToStringUTF8(text));
    }

    [Fact]
    public void A_thread_has_a_context_once_it_calls_the_runtime()
    {
        nint before = -1, after = 0;
        var thread = new Thread(() =>
        {
            Check(cuCtxGetCurrent(out before));
            Check(cudaSetDevice(0));
            Check(cuCtxGetCurrent(out after));
        });
        thread.Start();
        thread.Join();
        Assert.Equal(0, before);
        Assert.NotEqual(0, after);
    }

    [Fact]
    public void Memory_counts_from_its_creation_and_addresses_do_not()
    {
        var before = FakeCudaDevice.Counters.UsedBytes;
        var reserved = 1L << 40;
        var address = Reserve(reserved);
        Assert.Equal(before, FakeCudaDevice.Counters.UsedBytes);
        var handle = Create(3 * Granularity);
        Assert.Equal(before + (3 * Granularity), FakeCudaDevice.Counters.UsedBytes);
        Check(TryMap(address, 3 * Granularity, handle));
        Assert.Equal(before + (3 * Granularity), FakeCudaDevice.Counters.UsedBytes);

        // Released, it lives for as long as it is mapped.
        Check(cuMemRelease(handle));
        Assert.Equal(before + (3 * Granularity), FakeCudaDevice.Counters.UsedBytes);
        Check(cuMemUnmap(address, 3 * Granularity));
        Assert.Equal(before, FakeCudaDevice.Counters.UsedBytes);
        Assert.Equal(before + (3 * Granularity), FakeCudaDevice.Peak);
        Check(cuMemAddressFree(address, (nuint)reserved));
    }

    [Fact]
    public void Memory_beyond_the_total_is_refused()
    {
        FakeCudaDevice.SetTotalMemory(FakeCudaDevice.Counters.UsedBytes + (2 * Granularity));
        var handle = Create(Granularity);
        Assert.Equal(MemoryAllocation, TryCreate(2 * Granularity, out _));
        Check(cuMemRelease(handle));
        Check(cuMemRelease(Create(2 * Granularity)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Granularity + 4096)]
    public void Sizes_are_multiples_of_the_granularity(long bytes) => Assert.Equal(InvalidValue, TryCreate(bytes, out _));

    [Fact]
    public void Only_what_is_mapped_and_accessible_can_be_used()
    {
        var address = Reserve(4 * Granularity);
        var (first, second) = (Create(Granularity), Create(Granularity));
        Check(TryMap(address + Granularity, Granularity, first));
        Assert.Equal(InvalidValue, Set(Granularity, 1));
        Check(TryAllow(address + Granularity, Granularity));
        Check(Set(Granularity, 1));
        Assert.Equal(InvalidValue, Set(0, 1));
        Assert.Equal(InvalidValue, Set(Granularity, Granularity + 1));

        // Beside each other, two are as one.
        Check(TryMap(address + (2 * Granularity), Granularity, second));
        Check(TryAllow(address + Granularity, 2 * Granularity));
        Check(Set(Granularity, 2 * Granularity));
        Assert.Equal(InvalidValue, Set(Granularity, (2 * Granularity) + 1));

        Check(cuMemUnmap(address + Granularity, 2 * Granularity));
        Assert.Equal(InvalidValue, Set(Granularity, 1));
        Check(cuMemRelease(first));
        Check(cuMemRelease(second));
        Check(cuMemAddressFree(address, 4 * Granularity));

        int Set(long offset, long bytes) => cudaMemsetAsync(address + (nint)offset, 1, (nuint)bytes, 0);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var address = Reserve(2 * Granularity);
        var (handle, larger) = (Create(Granularity), Create(2 * Granularity));
        Assert.Equal(InvalidValue, TryMap(address, 2 * Granularity, handle));
        Assert.Equal(InvalidValue, TryMap(address, Granularity, larger));
        Check(cuMemRelease(larger));
        Assert.Equal(InvalidValue, TryMap(address + 4096, Granularity, handle));
        Assert.Equal(InvalidValue, TryMap(address + (2 * Granularity), Granularity, handle));
        Assert.Equal(InvalidValue, TryAllow(address, Granularity));
        Assert.Equal(InvalidValue, cuMemUnmap(address, Granularity));
        Check(TryMap(address, Granularity, handle));
        Assert.Equal(InvalidValue, TryMap(address, Granularity, handle));
        Assert.Equal(InvalidValue, cuMemUnmap(address, 4096));
        Assert.Equal(InvalidValue, cuMemAddressFree(address, 2 * Granularity));

        Check(cuMemUnmap(address, Granularity));
        Assert.Equal(InvalidValue, cuMemAddressFree(address, Granularity));
        Check(cuMemAddressFree(address, 2 * Granularity));
        Check(cuMemRelease(handle));
        Assert.Equal(InvalidValue, cuMemRelease(handle));
        Assert.Equal(InvalidValue, TryMap(address, Granularity, handle));
    }

    [Fact]
    public unsafe void Bytes_stay_with_their_memory_when_it_is_mapped_elsewhere()
    {
        var address = Reserve(2 * Granularity);
        var handle = Create(Granularity);
        Check(TryMap(address, Granularity, handle));
        Check(TryAllow(address, Granularity));
        Check(cudaMemsetAsync(address, 7, Granularity, 0));
        Check(cuMemUnmap(address, Granularity));
        Check(TryMap(address + Granularity, Granularity, handle));
        Check(TryAllow(address + Granularity, Granularity));
        byte found = 0;
        Check(cudaMemcpy((nint)(&found), address + (2 * Granularity) - 1, 1, DeviceToHost));
        Assert.Equal(7, found);
        Check(cuMemUnmap(address + Granularity, Granularity));
        Check(cuMemRelease(handle));
        Check(cuMemAddressFree(address, 2 * Granularity));
    }
}
