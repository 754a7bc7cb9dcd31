using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

public sealed class StepEngineTests
{
    const int Threads = 2;
    const float Beta = 0.1f;

    [Fact]
    public void Zero_dpo_logit_gives_log_two_per_pair()
    {
        using var model = new TinyLlama();
        using var engine = StepEngine.Open(model.Folder, new() { Threads = Threads });
        using var loss = LossSession.Sigmoid(Beta);
        var rows = Rows(engine, model.Pairs(5), selfReferenced: true);
        Assert.All(rows, row => AssertClose(Math.Log(2), engine.Score(loss, [row]).Values.Loss, Tolerances.Float32));
        Assert.All(engine.Score(loss, rows).Values.Rewards, reward => AssertClose(0, reward, Tolerances.Float32));
    }

    [Fact]
    public void Scoring_to_train_and_scoring_to_evaluate_agree()
    {
        using var model = new TinyLlama();
        using var engine = StepEngine.Open(model.Folder, new() { Threads = Threads });
        using var loss = LossSession.Sigmoid(Beta);
        var rows = Rows(engine, model.Pairs(4), selfReferenced: false);
        var scored = engine.Score(loss, rows);
        var accumulated = engine.Accumulate(loss, rows, rows.Length);
        AssertClose(scored.TokenLogps, accumulated.TokenLogps, Tolerances.SameStep);
        AssertClose(scored.Values.Loss, accumulated.Values.Loss, Tolerances.SameStep);
    }

    [Theory]
    [InlineData(false, 4, 2)]
    [InlineData(true, 4, 4)]
    [InlineData(true, 4, 1)]
    public void Kept_and_recomputed_activations_give_the_same_gradients(bool tied, int heads, int keyValueHeads)
    {
        using var model = new TinyLlama(tied: tied, heads: heads, keyValueHeads: keyValueHeads);
        var kept = Gradients(model, recompute: false, [model.Pairs(4)]);
        var recomputed = Gradients(model, recompute: true, [model.Pairs(4)]);
        AssertSame(kept, recomputed);
    }

    [Fact]
    public void One_batch_of_eight_gives_the_gradients_of_eight_batches_of_one()
    {
        using var model = new TinyLlama();
        var pairs = model.Pairs(8);
        var whole = Gradients(model, recompute: false, [pairs]);
        var single = Gradients(model, recompute: false, [.. pairs.Select(p => new[] { p })]);
        AssertSame(whole, single);
    }

    [Fact]
    public void The_gradient_of_the_loss_predicts_how_an_update_changes_it()
    {
        // A plain gradient step of length h along −g/|g| changes the loss by −h·|g| to first order.
        using var model = new TinyLlama();
        using var engine = StepEngine.Open(model.Folder, new() { Threads = Threads });
        using var loss = LossSession.Sigmoid(Beta);
        var rows = Rows(engine, model.Pairs(4), selfReferenced: false);
        var before = engine.Accumulate(loss, rows, rows.Length).Values.Loss;
        var norm = Math.Sqrt(model.Weights.Keys.Sum(n => engine.Gradient(n).ToArray().Sum(g => (double)g * g)));
        const double Step = 1e-3;
        foreach (var name in model.Weights.Keys)
        {
            var weight = engine.Parameters[name].Span<float>();
            var gradient = engine.Gradient(name);
            for (var i = 0; i < weight.Length; i++)
            {
                weight[i] -= (float)(Step * gradient[i] / norm);
            }
        }

        var after = engine.Score(loss, rows).Values.Loss;
        AssertClose(-Step * norm, after - before, relative: Tolerances.FirstOrder);
    }

    [Fact]
    public void Training_on_a_pair_raises_its_margin()
    {
        using var model = new TinyLlama();
        using var engine = StepEngine.Open(model.Folder, new() { Threads = Threads });
        using var loss = LossSession.Sigmoid(Beta);
        var rows = Rows(engine, model.Pairs(3), selfReferenced: true);
        for (var step = 1; step <= 20; step++)
        {
            engine.Accumulate(loss, rows, rows.Length);
            Assert.True(engine.Apply(new OptimizerStep(step, 1e-2f, 1, 0)).Applied);
        }

        var rewards = engine.Score(loss, rows).Values.Rewards;
        Assert.All(Enumerable.Range(0, 3), i => Assert.True(rewards[i] > rewards[3 + i]));
    }

    [Fact]
    public void The_model_folder_is_not_changed_by_training()
    {
        using var model = new TinyLlama();
        var before = File.ReadAllBytes(Path.Combine(model.Folder, "model.safetensors"));
        using (var engine = StepEngine.Open(model.Folder, new() { Threads = Threads }))
        {
            using var loss = LossSession.Sigmoid(Beta);
            engine.Accumulate(loss, Rows(engine, model.Pairs(2), selfReferenced: false), 2);
            engine.Apply(new OptimizerStep(1, 0.1f, 0, 0));
        }

        Assert.Equal(before, File.ReadAllBytes(Path.Combine(model.Folder, "model.safetensors")));
    }

    [Fact]
    public void Written_and_read_state_continues_bit_for_bit()
    {
        using var model = new TinyLlama();
        using var folder = new TemporaryFolder();
        using var engine = StepEngine.Open(model.Folder, new() { Threads = Threads });
        using var loss = LossSession.Sigmoid(Beta);
        var rows = Rows(engine, model.Pairs(4), selfReferenced: false);
        Step(engine, 1);
        engine.WriteState(folder.Path);
        Step(engine, 2);
        var straight = model.Weights.Keys.ToDictionary(n => n, n => engine.Parameters[n].Span<float>().ToArray());

        using var resumed = StepEngine.Open(model.Folder, new() { Threads = Threads });
        resumed.ReadState(folder.Path);
        Step(resumed, 2);
        Assert.All(straight, w => Assert.Equal(w.Value, resumed.Parameters[w.Key].Span<float>().ToArray()));

        void Step(StepEngine e, int number)
        {
            e.Accumulate(loss, rows, rows.Length);
            e.Apply(new OptimizerStep(number, 1e-3f, 1, 0.01f));
        }
    }

    // So that it is the machine's affair alone.
    [Fact]
    public void What_layers_keep_changes_no_bit()
    {
        using var model = new TinyLlama(layers: 3);
        var kept = Gradients(model, recompute: false, [model.Pairs(3)]);
        Assert.All([0, 1, 2], layers =>
        {
            using var engine = StepEngine.Open(model.Folder, new() { Threads = Threads, KeptLayers = layers });
            using var loss = LossSession.Sigmoid(Beta);
            engine.Accumulate(loss, Rows(engine, model.Pairs(3), selfReferenced: false), 3);
            Assert.All(kept, gradient => Assert.Equal(gradient.Value, engine.Gradient(gradient.Key).ToArray()));
        });
    }

    static Dictionary<string, float[]> Gradients(TinyLlama model, bool recompute, Example[][] batches)
    {
        using var engine = StepEngine.Open(model.Folder, new() { Threads = Threads, KeptLayers = recompute ? 0 : null });
        using var loss = LossSession.Sigmoid(Beta);
        var pairs = batches.Sum(b => b.Length);
        foreach (var batch in batches)
        {
            engine.Accumulate(loss, Rows(engine, batch, selfReferenced: false), pairs);
        }

        return model.Weights.Keys.ToDictionary(n => n, n => engine.Gradient(n).ToArray());
    }

    static TrainingRow[] Rows(StepEngine engine, Example[] pairs, bool selfReferenced)
    {
        if (!selfReferenced)
        {
            // A reference whose every token has probability 1/20.
            return EngineSteps.Rows(
                pairs,
                [.. pairs.Select(p => p.Completions[0].Length * -Math.Log(20))],
                [.. pairs.Select(p => p.Completions[1].Length * -Math.Log(20))]);
        }

        var packed = ExamplePacking.Pack(pairs);
        var logps = engine.Score(packed).Chunk(packed.CompletionWidth).Select(tokens => tokens.Sum(l => (double)l)).ToArray();
        return EngineSteps.Rows(
            pairs, [.. logps.Where((_, i) => i % 2 == 0)], [.. logps.Where((_, i) => i % 2 == 1)]);
    }

    // Each tensor relative to its largest element.
    static void AssertSame(Dictionary<string, float[]> expected, Dictionary<string, float[]> actual)
    {
        foreach (var (name, values) in expected)
        {
            var scale = values.Max(Math.Abs);
            Assert.True(scale > 0, $"{name} has no gradient.");
            AssertClose(values, actual[name], Tolerances.SameStep * scale, what: name);
        }
    }

    [Fact]
    public void A_model_that_is_mapped_to_be_read_is_not_trained()
    {
        using var model = new TinyLlama();
        using var reading = ModelFolder.Open(model.Folder);
        var e = Assert.Throws<ArgumentException>(() => StepEngine.Of(reading, new() { Threads = Threads }));
        Assert.Contains("is mapped ReadOnly; a model that trains is mapped CopyOnWrite.", e.Message, StringComparison.Ordinal);
    }
}
