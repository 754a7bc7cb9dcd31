using Microsoft.ML.OnnxRuntime;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.FakeCuda.Tests.Provider;

public sealed class ProviderTests : IDisposable
{
    readonly nint stream;

    public ProviderTests()
    {
        FakeCudaDevice.Require();
        stream = CudaRuntime.NewStream();
        FakeCudaDevice.AllowStream(stream);
    }

    [Fact]
    public void The_shipped_provider_loads_over_the_stubs()
    {
        Assert.Contains("CUDAExecutionProvider", CudaSession.Env.GetAvailableProviders());
        using var session = CudaSession.Open(SmallModel.Bytes, stream);
        Assert.Equal(SmallModel.InputNames, session.InputNames);
        Assert.Equal((1, 1), (FakeCudaDevice.Counters.BlasHandles, FakeCudaDevice.Counters.BlasLtHandles));
    }

    [Fact]
    public void Tensors_on_the_device_are_used_in_place_and_nothing_waits()
    {
        using var session = CudaSession.Open(SmallModel.Bytes, stream);
        using var options = CudaSession.Unsynchronised();
        var counted = Run(session, options);
        Assert.Equal(2, counted.Gemms);
        // The norm, the softmax and two additions.
        Assert.Equal(4, counted.Launches);
        Assert.Contains(FakeCudaDevice.KernelNames.Keys, name => name.Contains("softmax", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(0, counted.Uploads + counted.Downloads + counted.DeviceCopies + counted.SelfCopies);
        Assert.Equal(0, counted.Syncs);
        Assert.Equal(0, counted.ForeignStreamOperations);
        Assert.Equal(0, counted.Failures);
    }

    [Fact]
    public void A_run_waits_for_the_stream_once_unless_it_is_told_not_to()
    {
        using var session = CudaSession.Open(SmallModel.Bytes, stream);
        using var options = new RunOptions();
        var counted = Run(session, options);
        Assert.Equal((1, 0, 0, 0), (counted.StreamSyncs, counted.DeviceSyncs, counted.EventSyncs, counted.BlockingCopies));
    }

    [Fact]
    public void A_session_gives_back_all_that_it_took()
    {
        var before = FakeCudaDevice.Counters;
        using (var session = CudaSession.Open(SmallModel.Bytes, stream))
        {
            using var options = CudaSession.Unsynchronised();
            Run(session, options);
        }

        var after = FakeCudaDevice.Counters;
        Assert.Equal((before.UsedBytes, before.Streams, before.Events), (after.UsedBytes, after.Streams, after.Events));
        Assert.Equal((before.BlasHandles, before.BlasLtHandles), (after.BlasHandles, after.BlasLtHandles));
    }

    public void Dispose() => CudaRuntime.Check(CudaRuntime.cudaStreamDestroy(stream));

    // The second run's counters: in the first, ONNX Runtime's arena grows.
    static FakeCudaCounters Run(InferenceSession session, RunOptions options)
    {
        var inputs = SmallModel.NewInputs();
        using var output = SmallModel.NewOutput();
        for (var i = 0; i < 2; i++)
        {
            FakeCudaDevice.Reset();
            session.Run(options, SmallModel.InputNames, [.. inputs.Select(t => t.Value)], SmallModel.OutputNames, [output.Value]);
        }

        var counted = FakeCudaDevice.Counters;
        foreach (var input in inputs)
        {
            input.Dispose();
        }

        return counted;
    }
}
