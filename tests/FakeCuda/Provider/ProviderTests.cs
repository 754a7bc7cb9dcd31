using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtDpo.Autodiff.Building;
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

    [Fact]
    public void An_output_on_the_host_is_copied_without_a_wait()
    {
        using var session = CudaSession.Open(SmallModel.Bytes, stream);
        using var options = CudaSession.Unsynchronised();
        using var onHost = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, [32, 64]);
        var counted = Run(session, options, onHost);
        Assert.Equal((1, 1), (counted.Downloads, counted.PageableCopies));
        // On a GPU its numbers may be those from before the run.
        Assert.Equal(0, counted.Syncs);
    }

    [Fact]
    public void A_range_up_to_a_size_is_counted_out_on_the_host()
    {
        var model = SmallModel.WriteRowsByIndex();
        var refusal = Assert.Throws<OnnxRuntimeException>(() => CudaSession.Open(model, stream).Dispose());
        Assert.Contains("assigned to the default CPU EP", refusal.Message, StringComparison.Ordinal);

        using var session = CudaSession.Open(model, stream, fallsBack: true);
        using var options = CudaSession.Unsynchronised();
        using var x = new CudaTensor(DataType.Float32, 32, 64);
        using var y = new CudaTensor(DataType.Float32, 32, 64);
        FakeCudaDevice.Reset();
        session.Run(options, ["x"], [x.Value], ["y"], [y.Value]);
        var counted = FakeCudaDevice.Counters;
        // Range and Gather; that the size was squeezed on the host costs neither a copy nor a wait.
        Assert.Equal(2, counted.Launches);
        Assert.Equal((0, 0, 0), (counted.Uploads, counted.Downloads, counted.Syncs));
    }

    public void Dispose() => CudaRuntime.Check(CudaRuntime.cudaStreamDestroy(stream));

    // The second run's counters: in the first, ONNX Runtime's arena grows.
    static FakeCudaCounters Run(InferenceSession session, RunOptions options, OrtValue? target = null)
    {
        var inputs = SmallModel.NewInputs();
        using var output = SmallModel.NewOutput();
        for (var i = 0; i < 2; i++)
        {
            FakeCudaDevice.Reset();
            session.Run(
                options, SmallModel.InputNames, [.. inputs.Select(t => t.Value)], SmallModel.OutputNames, [target ?? output.Value]);
        }

        var counted = FakeCudaDevice.Counters;
        foreach (var input in inputs)
        {
            input.Dispose();
        }

        return counted;
    }
}
