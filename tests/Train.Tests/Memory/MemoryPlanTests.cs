using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train.Tests.Memory;

/// <summary>The plan is the engine without numbers: what it says is what a run then takes, block by block.</summary>
public sealed class MemoryPlanTests
{
    [Theory]
    [InlineData(false, 4, 60)]
    [InlineData(true, 4, 60)]
    [InlineData(false, 1, 400)]
    [InlineData(true, 1, 400)]
    public void A_step_takes_what_the_plan_says(bool recompute, int pairs, int length)
    {
        using var tiny = new TinyLlama(vocabulary: 4_000, layers: 3, hidden: 96, positions: 1_024);
        var options = new EngineOptions { Threads = 2, KeptLayers = recompute ? 0 : null };
        var random = new Random(4);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(4_000))];
        var batch = ExamplePacking.Pack(
            [.. Enumerable.Range(0, pairs).Select(_ => Example.Pair(Tokens(length), Tokens(length / 2), Tokens(length / 2)))]);
        using var folder = ModelFolder.Open(tiny.Folder, WeightMapping.CopyOnWrite);
        var planned = StepEngine.Plan(folder, options, [batch]);
        using var engine = StepEngine.Of(folder, options);
        engine.Accumulate(batch, logps => logps);

        // A run takes whole mebibytes; and ONNX Runtime, which knows fewer shapes, writes over a dead value where the plan does not, or
        // not.
        Assert.InRange(engine.Use.Held, planned.Held * 0.98, (planned.Held * 1.01) + (1 << 20));
        foreach (var purpose in Enum.GetValues<MemoryPurpose>())
        {
            Assert.InRange(engine.Use.Purposes[purpose], planned.Purposes[purpose] * 0.96, planned.Purposes[purpose] * 1.01);
        }
    }

    [Fact]
    public void Texts_between_steps_are_in_the_plan_and_give_their_memory_back()
    {
        using var tiny = new TinyLlama(vocabulary: 4_000, layers: 3, hidden: 96, positions: 1_024);
        // Keys and values of so many tokens are more than the step takes.
        var options = new EngineOptions { Threads = 2, LongestText = 1_000 };
        var batch = ExamplePacking.Pack([Example.Pair([5, 6, 7], [8, 9], [10])]);
        using var folder = ModelFolder.Open(tiny.Folder, WeightMapping.CopyOnWrite);
        var without = StepEngine.Plan(folder, options with { LongestText = 0 }, [batch]);
        var planned = StepEngine.Plan(folder, options, [batch]);
        Assert.True(planned.Held > without.Held + (1 << 20));

        using var engine = StepEngine.Of(folder, options);
        engine.Accumulate(batch, logps => logps);
        for (var text = 0; text < 3; text++)
        {
            using var logits = engine.Logits();
            logits.Reserve(options.LongestText);
            logits.Next(new long[options.LongestText]);
        }

        Assert.InRange(engine.Use.Held, planned.Held * 0.98, (planned.Held * 1.01) + (1 << 20));
    }
}
