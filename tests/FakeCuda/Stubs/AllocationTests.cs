using OrtDpo.FakeCuda.Tests.Provider;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.FakeCuda.Tests.Stubs;

public sealed class AllocationTests
{
    const int Unit = 512;

    public AllocationTests() => FakeCudaDevice.Require();

    [Fact]
    public void Used_and_peak_bytes_follow_allocations_and_frees()
    {
        var before = FakeCudaDevice.Counters.UsedBytes;
        var first = CudaRuntime.Allocate(1000);
        var second = CudaRuntime.Allocate(5 * Unit);
        CudaRuntime.Check(CudaRuntime.cudaFree(first));
        Assert.Equal(before + (5 * Unit), FakeCudaDevice.Counters.UsedBytes);
        Assert.Equal(before + (7 * Unit), FakeCudaDevice.Peak);

        FakeCudaDevice.Reset();
        Assert.Equal(before + (5 * Unit), FakeCudaDevice.Peak);
        CudaRuntime.Check(CudaRuntime.cudaFree(second));
        Assert.Equal(before, FakeCudaDevice.Counters.UsedBytes);
    }

    [Fact]
    public void Memory_beyond_the_total_is_refused_and_leaves_no_trace()
    {
        var before = FakeCudaDevice.Counters.UsedBytes;
        FakeCudaDevice.SetTotalMemory(before + (4 * Unit));
        var fits = CudaRuntime.Allocate(3 * Unit);
        Assert.Equal(CudaRuntime.MemoryAllocation, CudaRuntime.cudaMalloc(out var refused, 2 * Unit));
        Assert.Equal(0, refused);
        Assert.Equal(CudaRuntime.MemoryAllocation, CudaRuntime.cudaGetLastError());
        Assert.Equal(CudaRuntime.Success, CudaRuntime.cudaGetLastError());
        CudaRuntime.Check(CudaRuntime.cudaMemGetInfo(out var available, out var total));
        Assert.Equal((ulong)(before + (4 * Unit)), total);
        Assert.Equal((ulong)Unit, available);

        CudaRuntime.Check(CudaRuntime.cudaFree(fits));
        CudaRuntime.Check(CudaRuntime.cudaMalloc(out fits, 4 * Unit));
        CudaRuntime.Check(CudaRuntime.cudaFree(fits));
    }

    [Fact]
    public void A_block_is_freed_once_and_by_its_first_byte()
    {
        var block = CudaRuntime.Allocate(2 * Unit);
        Assert.Equal(CudaRuntime.InvalidValue, CudaRuntime.cudaFree(block + Unit));
        CudaRuntime.Check(CudaRuntime.cudaFree(block));
        Assert.Equal(CudaRuntime.InvalidValue, CudaRuntime.cudaFree(block));
        CudaRuntime.Check(CudaRuntime.cudaFree(0));
        Assert.Equal(2, FakeCudaDevice.Counters.Failures);
    }

    [Fact]
    public void A_copy_past_the_end_of_a_block_is_refused()
    {
        var block = CudaRuntime.Allocate(100);
        CudaRuntime.Check(CudaRuntime.cudaMemsetAsync(block, 1, 100, 0));
        Assert.Equal(CudaRuntime.InvalidValue, CudaRuntime.cudaMemsetAsync(block, 1, 101, 0));
        Assert.Equal(CudaRuntime.InvalidValue, CudaRuntime.cudaMemsetAsync(block + 1, 1, 100, 0));
        Assert.Equal(CudaRuntime.InvalidValue, CudaRuntime.cudaMemsetAsync(block - 1, 1, 2, 0));
        CudaRuntime.Check(CudaRuntime.cudaFree(block));
    }

    [Fact]
    public void Threads_may_use_the_device_at_once()
    {
        const int Threads = 4, Rounds = 200;
        var before = FakeCudaDevice.Counters.UsedBytes;
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                _ = CudaRuntime.cudaMalloc(out var block, Unit);
                _ = CudaRuntime.cudaMemsetAsync(block, i, Unit, 0);
                _ = CudaRuntime.cudaFree(block);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        var counted = FakeCudaDevice.Counters;
        Assert.Equal((Threads * Rounds, Threads * Rounds * Unit), (counted.Memsets, counted.MemsetBytes));
        Assert.Equal((before, 0), (counted.UsedBytes, counted.Failures));
        Assert.InRange(counted.PeakBytes - before, Unit, Threads * Unit);
    }

    [Fact]
    public unsafe void A_copy_from_a_freed_block_is_refused()
    {
        var block = CudaRuntime.Allocate(8);
        CudaRuntime.Check(CudaRuntime.cudaFree(block));
        long target = 1;
        Assert.Equal(CudaRuntime.InvalidValue, CudaRuntime.cudaMemcpy((nint)(&target), block, 8, CudaRuntime.DeviceToHost));
        Assert.Equal(1, target);
    }
}
