using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Runtime.Memory;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// The whole path of a device that is not the host (its own optimizer, its own adding of rows, nothing read but what is copied) gives the
/// numbers of the processor's, on the processor's kernels and in memory that ends the process when the host looks at it.
/// </summary>
[Trait("Speed", "native")]
public sealed class GuardedEngineTests
{
    // Beside what the golden tests of the processor's own path allow: the same sums in another order.
    const double Same = 1e-6;
    const int Steps = 3;
    const float LearningRate = 1e-3f;

    public static TheoryData<string, GoldenFamilyTests.Way> Cases =>
    [
        .. GoldenFamily.Families.SelectMany(
            family => new[] { GoldenFamilyTests.Way.Kept, GoldenFamilyTests.Way.RecomputedInChunks }.Select(way => (family, way))),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Three_steps_are_those_of_the_processor(string family, GoldenFamilyTests.Way way)
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily(family);
        var device = new GuardedDevice();
        using var expected = StepEngine.Open(golden.Folder, GoldenFamilyTests.Options(way));
        using var actual = StepEngine.Open(golden.Folder, GoldenFamilyTests.Options(way) with { Device = device });
        RequireSameSteps(expected, actual, golden.Pairs, device);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    [InlineData("phi3")]
    public void Steps_of_an_adapter_on_weights_in_16_bits_are_those_of_the_processor(string family)
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily(family);
        using var stored = new TemporaryFolder();
        GoldenFamilyTests.SaveAs(WeightType.BF16, golden.Folder, stored);
        using var first = AdaptedFolder.Open(stored.Path);
        using var second = AdaptedFolder.Open(stored.Path);
        var device = new GuardedDevice();
        using var expected = StepEngine.Of(first, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Kept));
        using var actual = StepEngine.Of(second, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Kept) with { Device = device });
        RequireSameSteps(expected, actual, golden.Pairs, device);
    }

    [Theory]
    [InlineData("llama", "nf4")]
    [InlineData("llama", "int4")]
    [InlineData("gpt2", "nf4")]
    [InlineData("gpt2", "int4")]
    [InlineData("phi3", "int4-128")]
    public void Steps_of_an_adapter_on_weights_in_4_bits_are_those_of_the_processor(string family, string form)
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily(family);
        using var first = AdaptedFolder.Open(golden.Folder, form);
        using var second = AdaptedFolder.Open(golden.Folder, form);
        var device = new GuardedDevice();
        using var expected = StepEngine.Of(first, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Recomputed));
        using var actual = StepEngine.Of(second, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Recomputed) with { Device = device });
        foreach (var name in first.Parameters.Where(expected.Parameters.IsQuantized))
        {
            // The same numbers to the last bit: what was tuned on one device is deployed from another.
            Assert.Equal(Copy(expected, name), Copy(actual, name));
        }

        RequireSameSteps(expected, actual, golden.Pairs, device);

        static float[] Copy(StepEngine engine, string name)
        {
            using var pool = new MemoryPool(engine.Device);
            using var copy = engine.Parameters.Dequantised([name], pool)[name];
            return copy.ToArray<float>();
        }
    }

    [Theory]
    [InlineData("gpt2-opset14")]
    [InlineData("llama-opset17-pasts")]
    [InlineData("llama-opset16-clipped")]
    public void Steps_of_a_foreign_model_are_those_of_the_processor(string name)
    {
        GuardedDevice.Require();
        using var golden = new GoldenModel(name, "foreign-onnx", BatchLayout.Stacked);
        var device = new GuardedDevice();
        using var expected = StepEngine.Open(golden.Folder, new() { Threads = 2 });
        using var actual = StepEngine.Open(golden.Folder, new() { Threads = 2, Device = device });
        RequireSameSteps(expected, actual, EngineSteps.Rows(golden.Pairs, golden.RefChosenLogps, golden.RefRejectedLogps), device);
    }

    [Fact]
    public void A_run_that_goes_on_from_a_checkpoint_ends_at_the_same_bits()
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily("qwen2");
        using var loss = new LossSession(golden.Objective("sigmoid"));
        using var folder = new TemporaryFolder();
        using var whole = Open(golden);
        Step(whole, 1);
        whole.WriteState(folder.Path);
        Step(whole, 2);
        using var resumed = Open(golden);
        resumed.ReadState(folder.Path);
        Step(resumed, 2);
        Assert.All(
            whole.Parameters.Names,
            name => Assert.Equal(whole.Parameters[name].ToArray<float>(), resumed.Parameters[name].ToArray<float>()));

        // The checkpoint is read by the processor's engine as by any other.
        using var expected = StepEngine.Open(golden.Folder, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Kept));
        expected.ReadState(folder.Path);
        Step(expected, 2);
        Assert.All(
            whole.Parameters.Names,
            name => AssertClose(
                expected.Parameters[name].ToArray<float>(), whole.Parameters[name].ToArray<float>(), Tolerances.AdamWWeights));

        void Step(StepEngine engine, int number)
        {
            new StepPass(engine, loss, microPairs: null).Accumulate(golden.Pairs);
            engine.Apply(new OptimizerStep(number, LearningRate, MaxGradNorm: 1, WeightDecay: 0.01f));
        }

        static StepEngine Open(GoldenFamily golden) =>
            StepEngine.Open(golden.Folder, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Kept) with { Device = new GuardedDevice() });
    }

    [Fact]
    public unsafe void The_device_s_memory_is_no_memory_to_the_host()
    {
        GuardedDevice.Require();
        using var pool = new MemoryPool(new GuardedDevice());
        using var small = DeviceTensor.From<float>(pool, DataType.Float32, [1, 2, 3], 3);
        using var large = DeviceTensor.Zeros(pool, DataType.Float32, 1 << 20);
        using var folder = new TemporaryFolder();
        using var file = File.OpenHandle(folder.File("bytes"), FileMode.Create, FileAccess.Write);
        foreach (var tensor in new[] { small, large })
        {
            Assert.IsNotType<HostTensor>(tensor);
            // The system refuses to read where a read of our own would end the process.
            var error = Assert.Throws<IOException>(
                () => RandomAccess.Write(file, new ReadOnlySpan<byte>((void*)tensor.Address, 4), fileOffset: 0));
            Assert.Contains("address", error.Message, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal([1, 2, 3], small.ToArray<float>());
    }

    [Fact]
    public void A_gradient_that_is_no_number_skips_the_update_and_is_cleared()
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily("llama");
        using var engine = StepEngine.Open(
            golden.Folder, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Kept) with { Device = new GuardedDevice() });
        var before = engine.Parameters.Names.ToDictionary(n => n, n => engine.Parameters[n].ToArray<float>());
        var batch = ExamplePacking.Pack([.. golden.Pairs.Select(r => r.Tokens)]);
        engine.Accumulate(batch, logps => Array.ConvertAll(logps, _ => float.NaN));
        var result = engine.Apply(new OptimizerStep(1, LearningRate, 1, 0));
        Assert.False(result.Applied);
        Assert.False(double.IsFinite(result.GradNorm));
        Assert.All(before, w => Assert.Equal(w.Value, engine.Parameters[w.Key].ToArray<float>()));
        Assert.All(before.Keys.Where(engine.Parameters.Trains), n => Assert.All(engine.Gradient(n), g => Assert.Equal(0, g)));
    }

    static void RequireSameSteps(StepEngine expected, StepEngine actual, TrainingRow[] rows, GuardedDevice device)
    {
        using var loss = LossSession.Sigmoid(0.1f);
        string[] trained = [.. actual.Parameters.Names.Where(actual.Parameters.Trains)];
        var starts = trained.ToDictionary(name => name, name => expected.Parameters[name].ToArray<float>());
        var micro = MicroBatch.Of(rows, actual.Layout);
        var (own, others) = (actual.Score(micro.Packed), expected.Score(micro.Packed));
        AssertClose(others, own, Tolerances.SameStep);
        for (var step = 1; step <= Steps; step++)
        {
            var before = device.Downloads;
            var wanted = expected.Accumulate(loss, rows, rows.Length);
            var found = actual.Accumulate(loss, rows, rows.Length);
            Assert.Equal(1, device.Downloads - before);
            AssertClose(wanted.Values.Loss, found.Values.Loss, Same);
            var norm = Math.Sqrt(trained.Sum(name => expected.Gradient(name).Sum(g => (double)g * g)));
            foreach (var name in trained)
            {
                var gradient = expected.Gradient(name);
                var scale = Math.Max(gradient.Max(Math.Abs), Tolerances.NegligibleGradient * norm);
                // After the first step the weights differ by rounding, too.
                AssertClose(
                    gradient, actual.Gradient(name), (step == 1 ? Same : Tolerances.GoldenGradient) * scale, what: $"{step} {name}");
            }

            before = device.Downloads;
            var update = new OptimizerStep(step, LearningRate, MaxGradNorm: 1, WeightDecay: 0.01f);
            var (wantedUpdate, foundUpdate) = (expected.Apply(update), actual.Apply(update));
            Assert.Equal(1, device.Downloads - before);
            AssertClose(wantedUpdate.GradNorm, foundUpdate.GradNorm, relative: Tolerances.SameStep);
        }

        // In sum: where a gradient is nothing but rounding, as of the biases of keys, AdamW makes full steps of it.
        var (differences, updates) = (0.0, 0.0);
        foreach (var name in trained)
        {
            foreach (var ((start, wanted), found) in starts[name]
                .Zip(expected.Parameters[name].ToArray<float>()).Zip(actual.Parameters[name].ToArray<float>()))
            {
                differences += Math.Abs(wanted - found);
                updates += Math.Abs(wanted - start);
            }
        }

        AssertClose(0, differences, Tolerances.SameUpdate * updates);
    }
}
