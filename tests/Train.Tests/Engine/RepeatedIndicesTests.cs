using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Rows;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>
/// The three gradients that add at indices which repeat, in the sizes at which ONNX Runtime's scatter, on two threads, loses updates: each
/// run gives the same bits, those of the sum in order. It lost them in four of five runs, so that a few show it; hundreds are long.
/// </summary>
public sealed class RepeatedIndicesTests
{
    const int Vocabulary = 32_000;
    const int Hidden = 384;
    const int Tokens = 1152;
    const int Runs = 20;
    const int ManyRuns = 200;

    [Fact]
    public void The_gradient_of_the_embedding_is_the_sum_in_order() => CheckEmbedding(Runs);

    [Fact]
    public void The_rows_of_the_heads_targets_are_added_in_order() => CheckHead(Vocabulary, positions: 64, runs: 2, hiddenToo: false);

    // The width of the vocabulary costs, and does not matter to the hidden states: they are gathered from as many positions instead.
    [Fact]
    public void The_gradient_of_the_hidden_states_is_the_sum_in_order() =>
        CheckHead(vocabulary: 61, positions: Vocabulary, Runs, hiddenToo: true);

    [Fact]
    public void A_graph_that_adds_at_indices_itself_runs_on_one_thread() => CheckGraph(Runs);

    // About 60 GFLOP a run of the head.
    [Fact]
    [Trait("Speed", "long")]
    public void They_are_in_two_hundred_runs()
    {
        CheckEmbedding(ManyRuns);
        CheckHead(Vocabulary, positions: 64, ManyRuns, hiddenToo: false);
        CheckHead(vocabulary: 61, positions: Vocabulary, ManyRuns, hiddenToo: true);
        CheckGraph(ManyRuns);
    }

    static void CheckEmbedding(int runs)
    {
        using var model = new Part(Vocabulary, parameters => parameters.Model.Embed(), "hidden", wanted: []);
        var ids = ZipfLike(Vocabulary, seed: 1);
        var incoming = model.Random(seed: 2, 4, Tokens / 4, Hidden);
        Dictionary<string, DeviceTensor> inputs = new()
        {
            ["input_ids"] = model.Numbers(ids, 4, Tokens / 4),
            [FragmentGradient.Gradient("hidden")] = incoming,
        };
        var expected = new float[Vocabulary * Hidden];
        AddInOrder(expected, ids, incoming.Span<float>());
        for (var run = 0; run < runs; run++)
        {
            model.Backward(inputs).DisposeAll();
            AssertSame(expected, model.Gradient("model.embed_tokens.weight"), run);
        }
    }

    static void CheckGraph(int runs)
    {
        OrtProcess.Start(threads: 2);
        var b = new GraphBuilder("scatter");
        var matrix = b.Input("matrix", DataType.Float32, new Shape(Vocabulary, Hidden));
        var sum = b.Add(
            CompositeOps.ScatterRowsAdd,
            [matrix, b.Input("ids", DataType.Int64, new Shape("M")), b.Input("rows", DataType.Float32, new Shape("M", Hidden))]);
        using var session = new GraphSession(b.Build([("sum", sum)]));
        using var pool = new MemoryPool();
        var random = new Random(8);
        var ids = ZipfLike(Vocabulary, seed: 9);
        float[] rows = [.. Enumerable.Range(0, Tokens * Hidden).Select(_ => random.NextSingle() - 0.5f)];
        var expected = new float[Vocabulary * Hidden];
        AddInOrder(expected, ids, rows);
        Dictionary<string, DeviceTensor> inputs = new()
        {
            ["matrix"] = HostTensor.Zeros(pool, DataType.Float32, Vocabulary, Hidden),
            ["ids"] = HostTensor.From<long>(pool, DataType.Int64, ids, Tokens),
            ["rows"] = HostTensor.From<float>(pool, DataType.Float32, rows, Tokens, Hidden),
        };
        for (var run = 0; run < runs; run++)
        {
            var outputs = session.Run(inputs, pool);
            AssertSame(expected, outputs["sum"].Span<float>(), run);
            outputs.DisposeAll();
        }

        inputs.DisposeAll();
    }

    static void CheckHead(int vocabulary, int positions, int runs, bool hiddenToo)
    {
        const string Weight = "lm_head.weight";
        using var model = new Part(vocabulary, parameters => parameters.Model.Head(), "token_logps", wanted: ["hidden"]);
        var (ids, index) = (ZipfLike(vocabulary, seed: 3), ZipfLike(positions, seed: 4));
        var hidden = model.Random(seed: 5, 1, positions, Hidden);
        Dictionary<string, DeviceTensor> inputs = new()
        {
            ["hidden"] = hidden,
            ["completion_index"] = model.Numbers(index, 1, Tokens),
            ["completion_ids"] = model.Numbers(ids, 1, Tokens),
            ["completion_mask"] = model.Random(seed: 6, 1, Tokens),
            [FragmentGradient.Gradient("token_logps")] = model.Random(seed: 7, 1, Tokens),
        };
        inputs["completion_mask"].Span<float>().Fill(1);

        // The same graph, whose dense gradient and rows nobody has added up yet.
        var (dense, rows) = model.Apart(inputs, Weight);
        AddInOrder(dense, ids, rows);
        float[]? gradHidden = null;
        using var sum = model.Zeros(hidden.Shape);
        for (var run = 0; run < runs; run++)
        {
            var outputs = model.Backward(inputs);
            AssertSame(dense, model.Gradient(Weight), run);
            if (hiddenToo)
            {
                var hiddenRows = outputs[FragmentGradient.Rows("hidden")];
                sum.Clear();
                model.Add(sum, outputs[FragmentGradient.RowIndices("hidden")], hiddenRows);
                if (gradHidden is null)
                {
                    AddInOrder(gradHidden = new float[positions * Hidden], index, hiddenRows.Span<float>());
                }

                AssertSame(gradHidden, sum.Span<float>(), run);
            }

            outputs.DisposeAll();
        }
    }

    // The logarithm of an index is uniform: small ones repeat often, and the largest are rare.
    static long[] ZipfLike(int limit, int seed)
    {
        var random = new Random(seed);
        long[] indices = [.. Enumerable.Range(0, Tokens).Select(_ => (long)Math.Pow(limit, random.NextDouble()) - 1)];
        Assert.InRange(indices.Distinct().Count(), 2, Tokens * 9 / 10);
        return indices;
    }

    static void AddInOrder(float[] matrix, long[] indices, ReadOnlySpan<float> rows)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            matrix[(indices[i / Hidden] * Hidden) + (i % Hidden)] += rows[i];
        }
    }

    static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, int run) =>
        Assert.True(expected.SequenceEqual(actual), $"Run {run} differs from the sum in order.");

    /// <summary>A fragment as the engine trains it, with a model of its own.</summary>
    sealed class Part : IDisposable
    {
        readonly TinyLlama model;
        readonly ModelParameters parameters;
        readonly Dictionary<string, TrainedParameter> trained;
        readonly Fragment fragment;
        readonly FragmentGradient gradient;
        readonly TrainableFragment sessions;
        readonly MemoryPool pool = new();
        readonly List<DeviceTensor> inputs = [];

        public Part(int vocabulary, Func<ModelParameters, Fragment> fragmentOf, string seed, string[] wanted)
        {
            OrtProcess.Start(threads: 2);
            model = new TinyLlama(vocabulary: vocabulary, layers: 1, hidden: Hidden);
            parameters = ModelParameters.Open(model.Folder, WeightMapping.ReadOnly, pool);
            fragment = fragmentOf(parameters);
            trained = fragment.ParameterNames.Values.ToDictionary(
                n => n, n => new TrainedParameter(n, parameters[n], pool), StringComparer.Ordinal);
            var names = fragment.ParameterNames.Keys;
            gradient = FragmentGradient.Build(fragment.Graph, [seed], wanted, names, keep: false);
            sessions = new TrainableFragment(fragment, [seed], wanted, names, keep: false, parameters, trained, pool);
        }

        public void Add(DeviceTensor target, DeviceTensor indices, DeviceTensor rows)
        {
            using var adder = RowAdder.Of(pool.Device);
            adder.Add(target, indices, rows, pool);
        }

        public HostTensor Zeros(long[] shape) => HostTensor.Zeros(pool, DataType.Float32, shape);

        public DeviceTensor Numbers(long[] values, params long[] shape) =>
            Kept(HostTensor.From<long>(pool, DataType.Int64, values, shape));

        public DeviceTensor Random(int seed, params long[] shape)
        {
            var tensor = Kept(HostTensor.Rent(pool, DataType.Float32, shape));
            var random = new Random(seed);
            foreach (ref var value in tensor.Span<float>())
            {
                value = random.NextSingle() - 0.5f;
            }

            return tensor;
        }

        public ReadOnlySpan<float> Gradient(string parameter) => trained[parameter].Gradient.Span<float>();

        /// <summary>The backward pass of the engine, into gradients that were zero.</summary>
        public Dictionary<string, DeviceTensor> Backward(Dictionary<string, DeviceTensor> inputs)
        {
            foreach (var parameter in trained.Values)
            {
                parameter.Gradient.Clear();
            }

            return sessions.Backward(fragment.ParameterNames, inputs);
        }

        /// <summary>The dense part of a parameter's gradient and the rows to add to it.</summary>
        public (float[] Dense, float[] Rows) Apart(Dictionary<string, DeviceTensor> inputs, string parameter)
        {
            using var session = new FragmentSession(gradient.Backward);
            var all = new Dictionary<string, DeviceTensor>(inputs, StringComparer.Ordinal);
            foreach (var (input, name) in fragment.ParameterNames)
            {
                all[FragmentGradient.Buffer(input)] = Kept(HostTensor.Zeros(pool, DataType.Float32, parameters[name].Shape));
            }

            var outputs = session.Run(fragment.ParameterNames, parameters, all, pool);
            var dense = outputs[FragmentGradient.Gradient(parameter)].Span<float>().ToArray();
            var rows = outputs[FragmentGradient.Rows(parameter)].Span<float>().ToArray();
            outputs.DisposeAll();
            return (dense, rows);
        }

        public void Dispose()
        {
            inputs.ForEach(t => t.Dispose());
            sessions.Dispose();
            foreach (var parameter in trained.Values)
            {
                parameter.Dispose();
            }

            pool.Dispose();
            parameters.Dispose();
            model.Dispose();
        }

        DeviceTensor Kept(DeviceTensor tensor)
        {
            inputs.Add(tensor);
            return tensor;
        }
    }
}
