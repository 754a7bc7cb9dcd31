using OrtDpo.Testing.FakeCuda;
using static OrtDpo.FakeCuda.Tests.Provider.CudaRuntime;

namespace OrtDpo.FakeCuda.Tests.Stubs;

public sealed class StreamTests
{
    public StreamTests() => FakeCudaDevice.Require();

    [Fact]
    public void Waits_of_the_host_are_counted_and_those_of_streams_are_none()
    {
        var stream = NewStream();
        Check(cudaEventCreateWithFlags(out var done, 0));
        Check(cudaEventRecord(done, stream));
        Check(cudaStreamWaitEvent(stream, done, 0));
        Check(cudaEventQuery(done));
        Assert.Equal(0, FakeCudaDevice.Counters.Syncs);

        Check(cudaEventSynchronize(done));
        Check(cudaStreamSynchronize(stream));
        Check(cudaStreamSynchronize(0));
        var counted = FakeCudaDevice.Counters;
        Assert.Equal((2, 1, 0), (counted.StreamSyncs, counted.EventSyncs, counted.DeviceSyncs));
        Check(cudaEventDestroy(done));
        Check(cudaStreamDestroy(stream));
    }

    [Fact]
    public void What_was_destroyed_is_refused()
    {
        var (streams, events) = (FakeCudaDevice.Counters.Streams, FakeCudaDevice.Counters.Events);
        var stream = NewStream();
        Check(cudaEventCreateWithFlags(out var done, 0));
        Assert.Equal((streams + 1, events + 1), (FakeCudaDevice.Counters.Streams, FakeCudaDevice.Counters.Events));
        Check(cudaStreamDestroy(stream));
        Assert.Equal(InvalidHandle, cudaStreamDestroy(stream));
        Assert.Equal(InvalidHandle, cudaStreamSynchronize(stream));
        Assert.Equal(InvalidHandle, cudaEventRecord(done, stream));
        Check(cudaEventDestroy(done));
        Assert.Equal(InvalidHandle, cudaEventQuery(done));
        Assert.Equal((streams, events), (FakeCudaDevice.Counters.Streams, FakeCudaDevice.Counters.Events));
    }
}
