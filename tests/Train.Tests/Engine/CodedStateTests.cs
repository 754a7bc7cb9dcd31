using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>An engine with moments in 8 bits: its checkpoints, its memory, and what it learns.</summary>
public sealed class CodedStateTests : IDisposable
{
    const int Threads = 2;
    const string Embedding = "model.embed_tokens.weight";

    readonly TinyLlama model = new(vocabulary: 200, hidden: 96);
    readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Written_and_read_state_continues_bit_for_bit()
    {
        using var engine = Open(Optimizer.AdamW8Bit);
        using var loss = LossSession.Sigmoid(0.1f);
        Step(engine, loss, 1);
        Step(engine, loss, 2);
        engine.WriteState(folder.Path);
        Step(engine, loss, 3);
        using var resumed = Open(Optimizer.AdamW8Bit);
        resumed.ReadState(folder.Path);
        Step(resumed, loss, 3);
        Assert.All(model.Weights.Keys, name => Assert.Equal(
            engine.Parameters[name].Span<float>().ToArray(), resumed.Parameters[name].Span<float>().ToArray()));
    }

    [Fact]
    public void A_checkpoint_has_codes_and_scales_and_float32_of_small_tensors()
    {
        using var engine = Open(Optimizer.AdamW8Bit);
        engine.WriteState(folder.Path);
        using var file = SafetensorsFile.Open(folder.File("optimizer.safetensors"));
        Assert.Equal(
            ["exp_avg.codes I8 [200, 96]", "exp_avg.scales F32 [75]", "exp_avg_sq.codes U8 [200, 96]", "exp_avg_sq.scales F32 [75]"],
            Of(Embedding));
        Assert.Equal(["exp_avg F32 [96]", "exp_avg_sq F32 [96]"], Of("model.norm.weight"));

        IEnumerable<string> Of(string name) => file.Tensors.Values.Where(t => t.Name.StartsWith(name, StringComparison.Ordinal))
            .Select(t => $"{t.Name[(name.Length + 1)..]} {t.Type} {t.ShapeText}").Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(Optimizer.AdamW, "are in float32, and this run has them in 8 bits; go on with `Optimizer` adamw.")]
    [InlineData(Optimizer.AdamW8Bit, "are in 8 bits, and this run has them in float32; go on with `Optimizer` adamw8bit.")]
    public void A_checkpoint_of_the_other_optimizer_is_refused(Optimizer optimizer, string message)
    {
        using (var engine = Open(optimizer))
        {
            engine.WriteState(folder.Path);
        }

        using var other = Open(optimizer == Optimizer.AdamW ? Optimizer.AdamW8Bit : Optimizer.AdamW);
        var e = Assert.Throws<InvalidDataException>(() => other.ReadState(folder.Path));
        Assert.StartsWith($"{folder.File("optimizer.safetensors")}: the moments of '", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Moments_take_little_more_than_two_bytes_a_parameter_as_planned()
    {
        using var large = new TinyLlama(vocabulary: 4_000, hidden: 96);
        var options = new EngineOptions { Threads = Threads, Optimizer = Optimizer.AdamW8Bit };
        using var opened = ModelFolder.Open(large.Folder, WeightMapping.CopyOnWrite);
        var planned = StepEngine.Plan(opened, options, [ExamplePacking.Pack(large.Pairs(1))]).Purposes[MemoryPurpose.Moments];
        using var engine = StepEngine.Of(opened, options);
        var parameters = large.Weights.Values.Sum(w => w.Values.LongLength);
        Assert.InRange(engine.Use.Purposes[MemoryPurpose.Moments], 2 * parameters, 2.1 * parameters);
        Assert.Equal(planned, engine.Use.Purposes[MemoryPurpose.Moments]);
    }

    [Fact]
    public void Two_hundred_steps_lower_the_loss_as_float32_moments_do()
    {
        var (first, wide) = Trained(Optimizer.AdamW);
        var (_, coded) = Trained(Optimizer.AdamW8Bit);
        Assert.True(wide < 0.8 * first, $"The loss fell from {first} to {wide} only.");
        AssertClose(first - wide, first - coded, relative: Tolerances.CodedMomentsLoss);
    }

    (double First, double Last) Trained(Optimizer optimizer)
    {
        using var engine = Open(optimizer);
        using var loss = LossSession.Sigmoid(0.1f);
        var rows = Rows(16);
        var first = engine.Score(loss, rows).Values.Loss;
        for (var step = 1; step <= 200; step++)
        {
            engine.Accumulate(loss, rows, rows.Length);
            engine.Apply(new OptimizerStep(step, 2e-5f, 1, 0));
        }

        return (first, engine.Score(loss, rows).Values.Loss);
    }

    void Step(StepEngine engine, LossSession loss, int number)
    {
        var rows = Rows(4);
        engine.Accumulate(loss, rows, rows.Length);
        engine.Apply(new OptimizerStep(number, 1e-3f, 1, 0.01f));
    }

    // A reference whose every token has probability 1/200.
    TrainingRow[] Rows(int count)
    {
        var pairs = model.Pairs(count);
        return EngineSteps.Rows(
            pairs,
            [.. pairs.Select(p => p.Completions[0].Length * -Math.Log(200))],
            [.. pairs.Select(p => p.Completions[1].Length * -Math.Log(200))]);
    }

    StepEngine Open(Optimizer optimizer) => StepEngine.Open(model.Folder, new() { Threads = Threads, Optimizer = optimizer });
}
