using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Testing.FakeCuda;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.CudaEngine.Tests.Commands;

/// <summary>A run on the stub device that is stopped: it saves, gives the device's memory back, and goes on.</summary>
public sealed class StoppedRunTests(CudaPipeline pipeline) : IClassFixture<CudaPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_that_is_stopped_on_a_device_saves_and_goes_on_there_to_its_end()
    {
        pipeline.Require();
        var before = UsedNow();
        using var stop = new CancellationTokenSource();
        var request = new TrainRequest
        {
            Model = pipeline.Model,
            Out = folder.File("run"),
            Device = DeviceChoice.Cuda(0),
            Threads = CudaOptions.Threads,
            Options = new TrainingOptions { BatchPairs = 4, MicroPairs = 2, MaxSteps = 4, EvalSteps = 3 },
            Resume = true,
            Stop = stop.Token,
        };

        var stopped = Assert.Throws<OperationCanceledException>(() => PreferenceTraining.Run(request, pipeline.Cache, told =>
        {
            if (told is TrainEvent.Loop { Told: TrainingEvent.StepDone { Step: 2 } })
            {
                stop.Cancel();
            }
        }));

        var checkpoints = new Checkpoints(request.Out);
        Assert.StartsWith(
            $"The run was stopped after step 2 of 4, and saved as {checkpoints.PathOf(2)}.", stopped.Message, StringComparison.Ordinal);
        Assert.Equal([2], checkpoints.Steps());
        Assert.Empty(Directory.GetFileSystemEntries(request.Out, "*.tmp", SearchOption.AllDirectories));
        Assert.Equal(before, UsedNow());

        var starts = new List<int>();
        PreferenceTraining.Run(request with { Stop = CancellationToken.None }, pipeline.Cache, told =>
        {
            if (told is TrainEvent.Loop { Told: TrainingEvent.Started started })
            {
                starts.Add(started.Step);
            }
        });
        Assert.Equal([2], starts);
        Assert.Equal([2, 4], checkpoints.Steps());
    }

    // Bytes of the device: the peak begins anew at what is used.
    static long UsedNow()
    {
        FakeCudaDevice.Reset();
        return FakeCudaDevice.Peak;
    }
}
