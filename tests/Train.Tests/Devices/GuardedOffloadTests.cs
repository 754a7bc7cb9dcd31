using OrtDpo.Batches;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// Frozen weights that lie in the host's memory give the numbers of those that lie on the device, to the last bit: the same graphs read the
/// same bytes.
/// </summary>
[Trait("Speed", "native")]
public sealed class GuardedOffloadTests
{
    const int Layers = 4;

    static readonly (string Family, WeightType Type, string Form, ComputeDtype Compute)[] Models =
    [
        .. new[] { "llama", "gpt2", "gemma2", "granite" }.SelectMany(family => new[] { "as-is", "nf4", "int4" }
            .Select(form => (family, WeightType.F32, form, ComputeDtype.Float32))),
        // Of 16 bits a row is widened on the host, or goes up as it is.
        ("llama", WeightType.BF16, "as-is", ComputeDtype.Float32),
        ("llama", WeightType.F16, "as-is", ComputeDtype.BFloat16),
        ("gemma2", WeightType.BF16, "nf4", ComputeDtype.BFloat16),
        ("gpt2", WeightType.F32, "as-is", ComputeDtype.BFloat16),
    ];

    /// <summary>Each model one way, every family, form and type of numbers both ways; the other way of each is long.</summary>
    public static TheoryData<string, WeightType, string, ComputeDtype, GoldenFamilyTests.Way> Cases => CasesOf(first: 0);

    public static TheoryData<string, WeightType, string, ComputeDtype, GoldenFamilyTests.Way> OtherCases => CasesOf(first: 1);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Numbers_are_those_of_a_model_on_the_device(
        string family, WeightType type, string form, ComputeDtype compute, GoldenFamilyTests.Way way)
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily(family);
        using var model = VariedModel.Of(family, Layers, type: type);
        var options = GoldenFamilyTests.Options(way) with { Dtype = compute };
        var expected = Run(model.Folder, form, options with { Device = new GuardedDevice() }, golden.Pairs);
        foreach (var offload in new[] { Offload.Embeddings, Offload.Layers, Offload.Embeddings | Offload.Layers })
        {
            var actual = Run(model.Folder, form, options with { Device = new GuardedDevice(), Offload = offload }, golden.Pairs);
            Assert.Equal(expected.Keys, actual.Keys);
            Assert.All(expected, known => Assert.True(
                known.Value.AsSpan().SequenceEqual(actual[known.Key]), $"{known.Key} differs with {offload}."));
        }
    }

    [Theory]
    [MemberData(nameof(OtherCases))]
    [Trait("Speed", "long")]
    public void Numbers_are_those_of_a_model_on_the_device_the_other_way(
        string family, WeightType type, string form, ComputeDtype compute, GoldenFamilyTests.Way way) =>
        Numbers_are_those_of_a_model_on_the_device(family, type, form, compute, way);

    [Theory]
    [InlineData("gpt2-opset14")]
    [InlineData("llama-opset17-pasts")]
    [InlineData("llama-opset16-clipped")]
    public void The_tokens_of_a_foreign_model_are_looked_up_on_the_host_where_its_graph_looks_them_up_as_they_come(string name)
    {
        GuardedDevice.Require();
        using var golden = new GoldenModel(name, "foreign-onnx", Batches.BatchLayout.Stacked);
        var rows = EngineSteps.Rows(golden.Pairs, golden.RefChosenLogps, golden.RefRejectedLogps);
        var options = new EngineOptions { Threads = 2, Device = new GuardedDevice(), Offload = Offload.Embeddings };
        if (Whole(golden.Folder) is { } reason)
        {
            var error = Assert.Throws<NotSupportedException>(() => Run(golden.Folder, "as-is", options, rows));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            return;
        }

        var expected = Run(golden.Folder, "as-is", options with { Offload = Offload.None }, rows);
        Assert.Equal(expected, Run(golden.Folder, "as-is", options, rows));

        // Tied or not, by the file.
        static string? Whole(string folder)
        {
            using var model = AdaptedFolder.Open(folder);
            return EmbeddingLookup.WhyNot(model);
        }
    }

    /// <summary>The backward goes beyond the first layer.</summary>
    [Fact]
    public void Layers_stream_while_the_embedding_trains()
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily("llama");
        using var model = VariedModel.Of("llama", Layers);
        const string Embedding = "model.embed_tokens.weight";
        var options = new EngineOptions { Threads = 2 };
        var expected = Run(model.Folder, "as-is", options with { Device = new GuardedDevice() }, golden.Pairs, Embedding);
        var streamed = options with { Device = new GuardedDevice(), Offload = Offload.Layers };
        var actual = Run(model.Folder, "as-is", streamed, golden.Pairs, Embedding);
        Assert.Contains($"gradient 1 of {Embedding}", expected.Keys);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void What_cannot_be_pinned_leaves_nothing_behind()
    {
        GuardedDevice.Require();
        using var model = VariedModel.Of("llama", Layers);
        using var folder = AdaptedFolder.Open(model.Folder);
        var device = new GuardedDevice { MostPinned = Layers - 1 };
        Assert.Throws<InsufficientMemoryException>(
            () => StepEngine.Of(folder, new() { Threads = 2, Device = device, Offload = Offload.Layers }));
        Assert.Equal((0, false), (device.Pinned, device.IsInUse));

        // All are pinned, and then the device has no memory for the rest.
        device = new GuardedDevice { MostBytes = 1 << 20 };
        using var large = VariedModel.Of("llama", Layers, vocabulary: 20_000);
        using var adapted = AdaptedFolder.Open(large.Folder);
        Assert.Throws<InsufficientMemoryException>(
            () => StepEngine.Of(adapted, new() { Threads = 2, Device = device, Offload = Offload.Layers }));
        Assert.Equal((0, false), (device.Pinned, device.IsInUse));
    }

    [Fact]
    public void An_embedding_that_trains_or_is_the_head_is_refused()
    {
        GuardedDevice.Require();
        using var untied = VariedModel.Of("llama", layers: 1);
        using var tied = VariedModel.Of("llama", layers: 1, tied: true);
        var options = new EngineOptions { Threads = 2, Device = new GuardedDevice(), Offload = Offload.Embeddings };
        var trains = Assert.Throws<NotSupportedException>(() => StepEngine.Open(untied.Folder, options));
        Assert.Contains("'model.embed_tokens.weight' trains", trains.Message, StringComparison.Ordinal);
        Assert.False(((GuardedDevice)options.Device).IsInUse);
        using var folder = AdaptedFolder.Open(tied.Folder);
        var head = Assert.Throws<NotSupportedException>(() => StepEngine.Of(folder, options));
        Assert.Contains("they are tied", head.Message, StringComparison.Ordinal);
        using var frozen = AdaptedFolder.Open(untied.Folder);
        var host = Assert.Throws<NotSupportedException>(
            () => StepEngine.Of(frozen, new() { Threads = 2, Offload = Offload.Embeddings }));
        Assert.Contains("`Device`", host.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_beyond_the_matrix_is_refused_by_its_number()
    {
        GuardedDevice.Require();
        using var model = VariedModel.Of("llama", layers: 1);
        using var scorer = DecoderScorer.Load(model.Folder, threads: 2, new GuardedDevice(), offload: Offload.Embeddings);
        var batch = Batches.ExamplePacking.Pack([Batches.Example.Pair([1], [2], [scorer.VocabularySize])]);
        var error = Assert.Throws<ArgumentException>(() => scorer.Score(batch));
        Assert.Contains($"token {scorer.VocabularySize}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Copies_are_those_of_layers_that_the_device_has_not(int layers)
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily("llama");
        using var model = VariedModel.Of("llama", layers);
        using var folder = AdaptedFolder.Open(model.Folder, "nf4");
        var device = new GuardedDevice();
        using var engine = StepEngine.Of(folder, new() { Threads = 2, Device = device, Offload = Offload.Layers });
        using var loss = LossSession.Sigmoid(0.1f);
        engine.Accumulate(loss, golden.Pairs, golden.Pairs.Length);
        var before = device.Beside!.Copies;
        engine.Accumulate(loss, golden.Pairs, golden.Pairs.Length);
        // The first two are there from the last backward, and the last two when this one begins.
        Assert.Equal(2 * (layers - 2), device.Beside.Copies - before);
        engine.Score(MicroBatch.Of(golden.Pairs, engine.Layout).Packed);
        before = device.Beside.Copies;
        engine.Score(MicroBatch.Of(golden.Pairs, engine.Layout).Packed);
        Assert.Equal(layers, device.Beside.Copies - before);
    }

    [Fact]
    public void A_wait_that_is_missing_is_seen()
    {
        GuardedDevice.Require();
        using var golden = new GoldenFamily("llama");
        using var model = VariedModel.Of("llama", Layers);
        var options = new EngineOptions { Threads = 2, Offload = Offload.Layers };
        var early = Assert.Throws<InvalidOperationException>(() => Scores(ForgottenWait.OfCopies));
        Assert.Contains("may still read", early.Message, StringComparison.Ordinal);
        Assert.NotEqual(Scores(ForgottenWait.None), Scores(ForgottenWait.OfDevice));

        float[] Scores(ForgottenWait forgets)
        {
            using var folder = AdaptedFolder.Open(model.Folder);
            using var engine = StepEngine.Of(folder, options with { Device = new GuardedDevice { Forgets = forgets } });
            return engine.Score(MicroBatch.Of(golden.Pairs, engine.Layout).Packed);
        }
    }

    [Fact]
    public void Layers_that_train_or_are_none_do_not_stream()
    {
        GuardedDevice.Require();
        using var model = VariedModel.Of("llama", layers: 1);
        using var foreign = new GoldenModel("llama-opset17-pasts", "foreign-onnx", Batches.BatchLayout.Stacked);
        var options = new EngineOptions { Threads = 2, Device = new GuardedDevice(), Offload = Offload.Layers };
        var trains = Assert.Throws<NotSupportedException>(() => StepEngine.Open(model.Folder, options));
        Assert.Contains("train, which they do on the device", trains.Message, StringComparison.Ordinal);
        using var folder = AdaptedFolder.Open(foreign.Folder);
        var none = Assert.Throws<NotSupportedException>(() => StepEngine.Of(folder, options));
        Assert.Contains("one graph", none.Message, StringComparison.Ordinal);
    }

    static TheoryData<string, WeightType, string, ComputeDtype, GoldenFamilyTests.Way> CasesOf(int first) =>
    [
        .. Models.Index().Select(model => (
            model.Item.Family, model.Item.Type, model.Item.Form, model.Item.Compute,
            (first + model.Index) % 2 == 0 ? GoldenFamilyTests.Way.Kept : GoldenFamilyTests.Way.RecomputedInChunks)),
    ];

    /// <summary>The bits of all that three steps make.</summary>
    internal static SortedDictionary<string, float[]> Run(
        string folder, string form, EngineOptions options, TrainingRow[] rows, params string[] saved)
    {
        var found = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        using var model = AdaptedFolder.Open(folder, form, saved: saved);
        using var engine = StepEngine.Of(model, options);
        using var loss = LossSession.Sigmoid(0.1f);
        string[] trained = [.. engine.Parameters.Names.Where(engine.Parameters.Trains)];
        for (var step = 1; step <= 3; step++)
        {
            // Between steps, as an evaluation is.
            found[$"scores {step}"] = engine.Score(MicroBatch.Of(rows, engine.Layout).Packed);
            // Two micro-batches, the second of which finds what the first left.
            found[$"logps {step}"] = engine.Accumulate(loss, rows[..^1], rows.Length).TokenLogps;
            found[$"last logps {step}"] = engine.Accumulate(loss, rows[^1..], rows.Length).TokenLogps;
            foreach (var name in trained)
            {
                found[$"gradient {step} of {name}"] = engine.Gradient(name);
            }

            engine.Apply(new OptimizerStep(step, 1e-3f, MaxGradNorm: 1, WeightDecay: 0.01f));
        }

        foreach (var name in trained)
        {
            found[$"weight {name}"] = engine.Parameters.Master(name).ToArray<float>();
        }

        // Numbers that are all the same, or none, would be equal however wrong.
        Assert.All(found.Values, values => Assert.All(values, value => Assert.True(float.IsFinite(value))));
        Assert.True(found["scores 1"].Distinct().Count() > 2);
        Assert.NotEqual(found["scores 1"], found["scores 3"]);
        return found;
    }
}
