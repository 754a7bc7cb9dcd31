using OrtDpo.Safetensors;
using OrtDpo.Testing.OnDevice;
using OrtDpo.Training;

namespace OrtDpo.Train.OnDevice.Tests;

/// <summary>The program over a library that checks what it is asked, and in which order.</summary>
public sealed class OnDeviceEngineTests
{
    static readonly string[] Loading = ["LoadCheckpoint", "CreateTrainingSession"];
    static readonly string[] Releasing = ["ReleaseTrainingSession", "ReleaseCheckpointState"];

    [Fact]
    public void A_step_is_evaluations_and_training_steps_on_the_batch_then_the_rate_the_update_and_the_reset()
    {
        using var artifacts = new ServedArtifacts();
        using (var served = artifacts.Start())
        {
            served.Engine.Score(ServedArtifacts.Batch);
            served.Engine.Accumulate(ServedArtifacts.Batch, logps => [.. logps.Select(_ => 1f)]);
            Assert.True(served.Step(1).Applied);
        }

        Assert.Equal(
            [
                "GetApi 19", "GetTrainingApi 19", .. Loading, "EvalStep", "EvalStep", "TrainStep", "EvalStep", "TrainStep",
                "SetLearningRate 0.010000", "OptimizerStep", "LazyResetGrad", .. Releasing,
            ],
            artifacts.Calls);

        // The second pair, the longest, decides the width; 7 is int64 and 1 float32.
        const string Inputs = " input_ids:7[2,8] position_ids:7[2,8] segment_ids:7[2,8] completion_index:7[4,4] completion_ids:7[4,4] "
            + "completion_mask:1[4,4]";
        var lines = File.ReadAllLines(artifacts.Log);
        Assert.Contains("EvalStep" + Inputs, lines);
        Assert.Contains("TrainStep" + Inputs + " slopes:1[4,4]", lines);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_is_dropped_and_the_next_one_is_whole()
    {
        using var artifacts = new ServedArtifacts();
        double norm;
        using (var served = artifacts.Start())
        {
            norm = served.Step(1).GradNorm;
        }

        using (var served = artifacts.Start())
        {
            var skipped = served.Step(1, slope: float.NaN);
            Assert.False(skipped.Applied);
            Assert.True(double.IsNaN(skipped.GradNorm));
            // It was no update, so the next is the first.
            Assert.Equal(new OptimizerResult(norm, Applied: true), served.Step(1));
        }

        Assert.Equal(
            ["EvalStep", "TrainStep", "LazyResetGrad", "EvalStep", "TrainStep", "SetLearningRate 0.010000", "OptimizerStep",
                "LazyResetGrad"],
            artifacts.Calls.SkipLast(2).TakeLast(8));
    }

    [Theory]
    [InlineData(false, "F32", false)]
    [InlineData(false, "BF16", true)]
    [InlineData(true, "F32", false)]
    public void A_state_that_is_read_back_goes_on_to_the_same_numbers(bool isAdapter, string saveType, bool isExternal)
    {
        using var artifacts = new ServedArtifacts(isAdapter, saveType, isExternal);
        var saved = artifacts.Checkpoint("saved", updates: 2, skipped: 1);
        using (var served = artifacts.Start())
        {
            served.Step(1);
            served.Step(2, slope: float.PositiveInfinity);
            served.Step(2);
            served.Engine.WriteState(saved);
            served.Step(3);
            var expected = served.Engine.Score(ServedArtifacts.Batch);
            // What is begun is forgotten.
            served.Engine.Accumulate(ServedArtifacts.Batch, logps => logps);
            served.Engine.ReadState(saved);
            served.Step(3);
            Assert.Equal(expected, served.Engine.Score(ServedArtifacts.Batch));
        }

        // The state outlives its session, and the rate is set anew before the update.
        Assert.Equal(
            [
                "TrainStep", .. Releasing, .. Loading, "EvalStep", "TrainStep", "SetLearningRate 0.010000", "OptimizerStep",
                "LazyResetGrad", "EvalStep", .. Releasing,
            ],
            artifacts.Calls.TakeLast(13));
        Assert.DoesNotContain(artifacts.Calls, call => call.StartsWith(StubRuntime.Violation, StringComparison.Ordinal));
    }

    [Fact]
    public void A_state_before_the_first_update_has_moments_of_zero()
    {
        using var artifacts = new ServedArtifacts();
        var saved = artifacts.Checkpoint("saved", updates: 0, skipped: 1);
        using (var served = artifacts.Start())
        {
            served.Step(1, slope: float.NaN);
            served.Engine.WriteState(saved);
            served.Engine.ReadState(saved);
            Assert.True(served.Step(1).Applied);
        }

        using var moments = SafetensorsFile.Open(Path.Combine(saved, EngineFiles.Moments));
        using var weights = SafetensorsFile.Open(Path.Combine(saved, ShardedWeights.SingleFile));
        Assert.Equal(
            weights.Tensors.Keys.SelectMany(name => new[] { $"{name}.exp_avg", $"{name}.exp_avg_sq" }).Order(StringComparer.Ordinal),
            moments.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.All(moments.Tensors, tensor => Assert.All(Values(moments, tensor.Value), value => Assert.Equal(0, value)));
    }

    [Fact]
    public void Numbers_that_the_optimizers_model_does_not_have_are_refused()
    {
        using var artifacts = new ServedArtifacts();
        using var served = artifacts.Start();
        Assert.Throws<InvalidOperationException>(() => served.Engine.Apply(ServedArtifacts.Update with { Number = 2 }));
        Assert.Throws<InvalidOperationException>(() => served.Engine.Apply(ServedArtifacts.Update with { MaxGradNorm = 1 }));
    }

    [Fact]
    public void A_checkpoint_of_another_model_is_refused_and_the_engine_stays_as_it_was()
    {
        using var artifacts = new ServedArtifacts();
        using var other = new ServedArtifacts(isAdapter: true);
        var saved = other.Checkpoint("saved", updates: 0);
        using (var served = other.Start())
        {
            served.Engine.WriteState(saved);
        }

        using (var served = artifacts.Start())
        {
            var before = served.Engine.Score(ServedArtifacts.Batch);
            Assert.Contains("model.safetensors", Assert.ThrowsAny<IOException>(() => served.Engine.ReadState(saved)).Message,
                StringComparison.Ordinal);
            Assert.Equal(before, served.Engine.Score(ServedArtifacts.Batch));
        }
    }

    [Fact]
    public void A_signal_to_end_is_left_to_the_loop_which_saves_by_this_process()
    {
        using var artifacts = new ServedArtifacts();
        using var served = artifacts.Start();
        string[] signals = ["INT", "TERM", "HUP"];
        for (var i = 0; i < signals.Length; i++)
        {
            served.Signal(signals[i]);
            Assert.True(served.Step(i + 1).Applied);
        }
    }

    [Fact]
    public void Where_the_loop_is_gone_the_engine_ends_and_leaves_nothing()
    {
        using var artifacts = new ServedArtifacts();
        using var served = artifacts.Start();
        Assert.True(Directory.Exists(artifacts.Temporary));
        served.CloseAsIfKilled();
        Assert.False(Directory.Exists(artifacts.Temporary));
        Assert.Equal(["ReleaseTrainingSession", "ReleaseCheckpointState"], artifacts.Calls.TakeLast(2));
    }

    static unsafe float[] Values(SafetensorsFile file, TensorEntry tensor) =>
        new ReadOnlySpan<float>((void*)file.Address(tensor), (int)(tensor.ByteCount / sizeof(float))).ToArray();
}
