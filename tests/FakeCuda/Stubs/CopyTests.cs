using System.Runtime.InteropServices;
using OrtDpo.Testing.FakeCuda;
using static OrtDpo.FakeCuda.Tests.Provider.CudaRuntime;

namespace OrtDpo.FakeCuda.Tests.Stubs;

public sealed unsafe class CopyTests : IDisposable
{
    const int Bytes = 10_000;

    readonly nint block;
    readonly nint stream;
    readonly nint pinned;

    public CopyTests()
    {
        FakeCudaDevice.Require();
        block = Allocate(2 * Bytes);
        stream = NewStream();
        Check(cudaHostAlloc(out pinned, Bytes, 0));
        FakeCudaDevice.Reset();
    }

    [Fact]
    public void Bytes_go_to_the_device_and_come_back()
    {
        var sent = new byte[Bytes];
        new Random(20260101).NextBytes(sent);
        var received = new byte[Bytes];
        fixed (byte* from = sent, to = received)
        {
            Check(cudaMemcpyAsync(block, (nint)from, Bytes, HostToDevice, stream));
            Check(cudaMemcpyAsync(block + Bytes, block, Bytes, DeviceToDevice, stream));
            Check(cudaMemcpyAsync(block, block, Bytes, DeviceToDevice, stream));
            Check(cudaMemsetAsync(block, 3, Bytes, stream));
            Check(cudaMemcpyAsync((nint)to, block + Bytes, Bytes, DeviceToHost, stream));
        }

        Assert.Equal(sent, received);
        var counted = FakeCudaDevice.Counters;
        Assert.Equal((1, Bytes), (counted.Uploads, counted.UploadBytes));
        Assert.Equal((1, Bytes), (counted.DeviceCopies, counted.DeviceCopyBytes));
        Assert.Equal((1, Bytes), (counted.SelfCopies, counted.SelfCopyBytes));
        Assert.Equal((1, Bytes), (counted.Memsets, counted.MemsetBytes));
        Assert.Equal((1, Bytes), (counted.Downloads, counted.DownloadBytes));
        Assert.Equal(0, counted.Syncs);
        Assert.Equal(0, counted.Failures);
    }

    [Fact]
    public void Host_memory_is_pinned_by_allocating_and_by_registering_it()
    {
        var pageable = (nint)NativeMemory.AllocZeroed(Bytes);
        Check(cudaMemcpyAsync(block, pinned, Bytes, HostToDevice, stream));
        Check(cudaMemcpyAsync(block, pageable, Bytes, HostToDevice, stream));
        Assert.Equal((1, 1), (FakeCudaDevice.Counters.PinnedCopies, FakeCudaDevice.Counters.PageableCopies));

        Check(cudaHostRegister(pageable, Bytes / 2, 0));
        Check(cudaMemcpyAsync(pageable + 1, block, (Bytes / 2) - 1, DeviceToHost, stream));
        Assert.Equal((2, 1), (FakeCudaDevice.Counters.PinnedCopies, FakeCudaDevice.Counters.PageableCopies));
        // One byte of it is not.
        Check(cudaMemcpyAsync(pageable + 1, block, Bytes / 2, DeviceToHost, stream));
        Assert.Equal((2, 2), (FakeCudaDevice.Counters.PinnedCopies, FakeCudaDevice.Counters.PageableCopies));

        Check(cudaHostUnregister(pageable));
        Check(cudaMemcpyAsync(pageable, block, 1, DeviceToHost, stream));
        Assert.Equal((2, 3), (FakeCudaDevice.Counters.PinnedCopies, FakeCudaDevice.Counters.PageableCopies));
        NativeMemory.Free((void*)pageable);
    }

    [Fact]
    public void Operations_on_another_stream_are_foreign()
    {
        FakeCudaDevice.AllowStream(stream);
        Check(cudaMemcpyAsync(block, pinned, Bytes, HostToDevice, stream));
        Check(cudaMemsetAsync(block, 0, Bytes, stream));
        Assert.Equal(0, FakeCudaDevice.Counters.ForeignStreamOperations);

        var other = NewStream();
        Check(cudaMemcpyAsync(block, pinned, Bytes, HostToDevice, other));
        Check(cudaMemsetAsync(block, 0, Bytes, 0));
        Check(cudaMemcpy(block, pinned, Bytes, HostToDevice));
        Assert.Equal(3, FakeCudaDevice.Counters.ForeignStreamOperations);
        Assert.Equal(1, FakeCudaDevice.Counters.BlockingCopies);
        Check(cudaStreamDestroy(other));
    }

    [Fact]
    public void A_copy_in_another_direction_than_it_says_is_refused()
    {
        Assert.Equal(InvalidCopyDirection, cudaMemcpyAsync(block, pinned, Bytes, DeviceToHost, stream));
        Assert.Equal(InvalidCopyDirection, cudaMemcpyAsync(block, block, Bytes, HostToDevice, stream));
        Assert.Equal(0, FakeCudaDevice.Counters.Uploads);
    }

    [Fact]
    public void Without_bytes_everything_counts_and_zeros_come_back()
    {
        FakeCudaDevice.MoveNoBytes();
        var bytes = 20L << 30;
        var huge = Allocate(bytes);
        new Span<byte>((void*)pinned, Bytes).Fill(1);
        Check(cudaMemsetAsync(huge, 1, (nuint)bytes, stream));
        Check(cudaMemcpyAsync(huge + (nint)bytes - Bytes, pinned, Bytes, HostToDevice, stream));
        Check(cudaMemcpyAsync(pinned, huge, Bytes, DeviceToHost, stream));
        Assert.False(new ReadOnlySpan<byte>((void*)pinned, Bytes).ContainsAnyExcept((byte)0));
        Assert.Equal(InvalidValue, cudaMemcpyAsync(pinned, huge + (nint)bytes - 1, 2, DeviceToHost, stream));
        var counted = FakeCudaDevice.Counters;
        Assert.Equal((bytes, Bytes, Bytes), (counted.MemsetBytes, counted.UploadBytes, counted.DownloadBytes));
        Check(cudaFree(huge));
    }

    public void Dispose()
    {
        Check(cudaFreeHost(pinned));
        Check(cudaStreamDestroy(stream));
        Check(cudaFree(block));
    }
}
