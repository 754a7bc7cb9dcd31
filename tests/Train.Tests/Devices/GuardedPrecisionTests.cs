using System.Runtime.InteropServices;
using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// The engine in bfloat16, emulated on the processor, beside float32. How near single graphs are to PyTorch's bfloat16 is tested with them
/// (Models.Tests); here it is the whole engine: masters and the copies that graphs read, sums in float32, layers cut around attention.
/// </summary>
[Trait("Speed", "native")]
public sealed class GuardedPrecisionTests
{
    const int Steps = 3;

    public static TheoryData<string, GoldenFamilyTests.Way> Cases =>
    [
        .. GoldenFamily.Families.SelectMany(
            family => new[] { GoldenFamilyTests.Way.Kept, GoldenFamilyTests.Way.RecomputedInChunks }.Select(way => (family, way))),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_in_bfloat16_follow_those_in_float32(string family, GoldenFamilyTests.Way way)
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily(family);
        using var expected = StepEngine.Open(golden.Folder, GoldenFamilyTests.Options(way));
        using var actual = StepEngine.Open(golden.Folder, Options(way));
        RequireNear(expected, actual, golden.Pairs);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Steps_of_an_adapter_in_bfloat16_follow_those_in_float32(string family)
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily(family);
        using var first = AdaptedFolder.Open(golden.Folder);
        using var second = AdaptedFolder.Open(golden.Folder);
        using var expected = StepEngine.Of(first, GoldenFamilyTests.Options(GoldenFamilyTests.Way.Kept));
        using var actual = StepEngine.Of(second, Options(GoldenFamilyTests.Way.Kept));
        RequireNear(expected, actual, golden.Pairs);
        Assert.All(
            actual.Parameters.Names.Where(actual.Parameters.Trains), name => Assert.Equal(DataType.Float32, actual.Parameters[name].Type));
    }

    [Fact]
    public void Graphs_read_the_masters_rounded_after_every_step_and_after_a_checkpoint()
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily("llama");
        using var engine = StepEngine.Open(golden.Folder, Options(GoldenFamilyTests.Way.Kept));
        using var loss = LossSession.Sigmoid(0.1f);
        RequireRounded(engine);
        engine.Accumulate(loss, golden.Pairs, golden.Pairs.Length);
        engine.Apply(new OptimizerStep(1, 1e-2f, 1, 0));
        RequireRounded(engine);
        using var folder = new TemporaryFolder();
        engine.WriteState(folder.Path);
        using var resumed = StepEngine.Open(golden.Folder, Options(GoldenFamilyTests.Way.Kept));
        resumed.ReadState(folder.Path);
        RequireRounded(resumed);
        Assert.All(
            engine.Parameters.Names,
            name => Assert.Equal(engine.Parameters.Master(name).ToArray<float>(), resumed.Parameters.Master(name).ToArray<float>()));

        static void RequireRounded(StepEngine engine)
        {
            var matrices = engine.Parameters.Names.Where(name => engine.Parameters.CopyOf(name) is not null).ToList();
            Assert.Contains("model.layers.0.self_attn.q_proj.weight", matrices);
            foreach (var name in matrices)
            {
                var copy = engine.Parameters.CopyOf(name)!.ToArray<ushort>();
                var master = engine.Parameters.Master(name).ToArray<float>();
                var rounded = new ushort[master.Length];
                FloatNarrowing.Narrow(name, master, WeightType.BF16, MemoryMarshal.AsBytes(rounded.AsSpan()));
                Assert.Equal(rounded, copy);
            }
        }
    }

    [Fact]
    public void The_processor_refuses_to_compute_in_bfloat16()
    {
        using var golden = new GoldenFamily("llama");
        var options = GoldenFamilyTests.Options(GoldenFamilyTests.Way.Kept) with { Dtype = ComputeDtype.BFloat16 };
        var error = Assert.Throws<NotSupportedException>(() => StepEngine.Open(golden.Folder, options));
        Assert.Contains("computes in float32", error.Message, StringComparison.Ordinal);
    }

    static void RequireNear(StepEngine expected, StepEngine actual, TrainingRow[] rows)
    {
        using var loss = LossSession.Sigmoid(0.1f);
        string[] trained = [.. actual.Parameters.Names.Where(actual.Parameters.Trains)];
        var scored = actual.Score(ExamplePacking.Pack([.. rows.Select(r => r.Tokens)]));
        for (var step = 1; step <= Steps; step++)
        {
            var wanted = expected.Accumulate(loss, rows, rows.Length);
            var found = actual.Accumulate(loss, rows, rows.Length);
            if (step == 1)
            {
                // The graph that scores and the one that trains round alike: step 0 is the reference.
                Assert.Equal(scored, found.TokenLogps);
            }

            AssertClose(wanted.Values.Loss, found.Values.Loss, Tolerances.BFloat16Loss);
            var (difference, size) = (0.0, 0.0);
            foreach (var name in trained)
            {
                foreach (var (x, y) in expected.Gradient(name).Zip(actual.Gradient(name)))
                {
                    difference += Math.Pow(x - y, 2);
                    size += Math.Pow(x, 2);
                }
            }

            AssertClose(0, Math.Sqrt(difference / size), Tolerances.BFloat16Gradient, what: $"{step}: error of the gradients");
            var update = new OptimizerStep(step, 1e-3f, MaxGradNorm: 1, WeightDecay: 0.01f);
            AssertClose(expected.Apply(update).GradNorm, actual.Apply(update).GradNorm, relative: Tolerances.BFloat16Gradient);
        }
    }

    static EngineOptions Options(GoldenFamilyTests.Way way) =>
        GoldenFamilyTests.Options(way) with { Device = new GuardedDevice(), Dtype = ComputeDtype.BFloat16 };
}
