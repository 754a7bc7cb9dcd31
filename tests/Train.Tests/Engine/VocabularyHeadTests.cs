using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Heads;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>A head in parts of the vocabulary against log softmax and its derivatives in float64, written down here.</summary>
[Trait("Speed", "native")]
public sealed class VocabularyHeadTests
{
    const int Vocabulary = 61;
    const int Hidden = 32;
    const int Rows = 23;
    const string Embedding = "model.embed_tokens.weight";

    public static TheoryData<int, int, double?, VocabularyKeep> Divisions => new()
    {
        { 61, 23, null, VocabularyKeep.Nothing },
        { 7, 5, null, VocabularyKeep.Nothing },
        { 7, 5, null, VocabularyKeep.Logits },
        { 60, 1, null, VocabularyKeep.Logits },
        { 7, 5, 0.8, VocabularyKeep.Nothing },
        { 7, 5, 0.8, VocabularyKeep.Logits },
        { 61, 23, null, VocabularyKeep.RowsGradient },
        { 7, 5, null, VocabularyKeep.RowsGradient },
        { 60, 1, null, VocabularyKeep.RowsGradient },
        { 7, 5, 0.8, VocabularyKeep.RowsGradient },
    };

    [Theory]
    [MemberData(nameof(Divisions))]
    public void Any_division_gives_the_log_probabilities_and_gradients_of_the_whole(
        int lines, int rows, double? softCap, VocabularyKeep keep)
    {
        OrtProcess.Start(threads: 2);
        using var model = new TinyLlama(tied: true);
        using var pool = new MemoryPool();
        using var parameters = ModelParameters.Open(model.Folder, WeightMapping.ReadOnly, pool);
        var cut = VocabularyCut.Of(parameters.Model.Head())! with { SoftCap = softCap };
        Assert.Equal(Embedding, cut.Vocabulary);
        var trains = keep != VocabularyKeep.RowsGradient;
        using var head = new VocabularyHead(parameters, cut, trains, new VocabularyParts(Vocabulary, lines, rows));
        var random = new Random(5);
        float[] states = [.. Enumerable.Range(0, Rows * Hidden).Select(_ => (random.NextSingle() - 0.5f) * 4)];
        long[] ids = [.. Enumerable.Range(0, Rows).Select(_ => (long)random.Next(Vocabulary / 3))];
        float[] slopes = [.. Enumerable.Range(0, Rows).Select(_ => random.NextSingle() - 0.5f)];
        using var hidden = HostTensor.From<float>(pool, DataType.Float32, states, Rows, Hidden);
        using var gradient = HostTensor.Zeros(pool, DataType.Float32, Vocabulary, Hidden);

        var (logps, tape) = head.Forward(hidden, ids, keep, pool);
        using var gradRows = head.Backward(hidden, tape, slopes, trains ? gradient : null, pool);

        var expected = new Whole(parameters[Embedding].Span<float>().ToArray(), states, ids, slopes, softCap);
        Close(expected.Logps, logps);
        Close(expected.GradRows, gradRows.Span<float>().ToArray());
        if (trains)
        {
            Close(expected.GradWeight, gradient.Span<float>().ToArray());
        }
    }

    [Theory]
    [InlineData(61, 23, null)]
    [InlineData(7, 5, null)]
    [InlineData(60, 1, null)]
    [InlineData(7, 5, 0.8)]
    public void Any_division_says_which_tokens_are_the_likeliest_and_moves_no_bit_of_their_log_probabilities(
        int lines, int rows, double? softCap)
    {
        OrtProcess.Start(threads: 2);
        using var model = new TinyLlama(tied: true);
        using var pool = new MemoryPool();
        using var parameters = ModelParameters.Open(model.Folder, WeightMapping.ReadOnly, pool);
        var cut = VocabularyCut.Of(parameters.Model.Head())! with { SoftCap = softCap };
        using var head = new VocabularyHead(parameters, cut, trains: false, new VocabularyParts(Vocabulary, lines, rows));
        var random = new Random(5);
        float[] states = [.. Enumerable.Range(0, Rows * Hidden).Select(_ => (random.NextSingle() - 0.5f) * 4)];
        var weight = parameters[Embedding].Span<float>().ToArray();
        // The likeliest token of a row has the largest product, in double; every other row asks for another token.
        int[] likeliest = [.. Enumerable.Range(0, Rows).Select(row => Enumerable.Range(0, Vocabulary).MaxBy(
            id => Enumerable.Range(0, Hidden).Sum(i => (double)states[(row * Hidden) + i] * weight[(id * Hidden) + i])))];
        long[] ids = [.. likeliest.Select((id, row) => (long)(row % 2 == 0 ? id : (id + 1 + random.Next(Vocabulary - 1)) % Vocabulary))];
        using var hidden = HostTensor.From<float>(pool, DataType.Float32, states, Rows, Hidden);

        var (logps, areLikeliest) = head.Score(hidden, ids, pool);
        var (without, tape) = head.Forward(hidden, ids, VocabularyKeep.Nothing, pool);
        tape.Dispose();

        Assert.Equal(without, logps);
        Assert.Equal(ids.Select((id, row) => id == likeliest[row]), areLikeliest);
    }

    /// <summary>
    /// Logits of thousands overflow e^l by far; the sum grows from part to part, and what was added is scaled down to it.
    /// </summary>
    [Fact]
    public void The_gradient_that_the_forward_makes_holds_for_logits_that_no_exponential_holds()
    {
        OrtProcess.Start(threads: 2);
        using var model = new TinyLlama(tied: true);
        using var pool = new MemoryPool();
        using var parameters = ModelParameters.Open(model.Folder, WeightMapping.ReadOnly, pool);
        using var head = new VocabularyHead(
            parameters, VocabularyCut.Of(parameters.Model.Head())!, trains: false, new VocabularyParts(Vocabulary, 7, 2));
        var weight = parameters[Embedding].Span<float>().ToArray();
        // Each row is a long multiple of the line of the next token: that part of the vocabulary has all the probability.
        long[] ids = [3, 40, 60];
        float[] states = [.. ids.SelectMany(id => weight.AsSpan((int)(id - 1) * Hidden, Hidden).ToArray().Select(w => w * 1e5f))];
        using var hidden = HostTensor.From<float>(pool, DataType.Float32, states, ids.Length, Hidden);

        var (logps, tape) = head.Forward(hidden, ids, VocabularyKeep.RowsGradient, pool);
        using var gradRows = head.Backward(hidden, tape, [1, 1, 1], null, pool);

        Assert.All(logps, logp => Assert.InRange(logp, -1e6, -100));
        for (var i = 0; i < gradRows.Span<float>().Length; i++)
        {
            var (line, feature) = ((int)ids[i / Hidden] * Hidden, i % Hidden);
            Assert.Equal(weight[line + feature] - weight[line - Hidden + feature], gradRows.Span<float>()[i], 1e-6f);
        }
    }

    static void Close(double[] expected, float[] actual)
    {
        var scale = expected.Max(Math.Abs);
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.InRange(a, e - (1e-5 * scale), e + (1e-5 * scale));
        }
    }

    /// <summary>y = l[id] − log Σ eˡ with l = c · tanh(h·w / c): dl = dy · (1[id] − p), d(h·w) = dl · (1 − (l / c)²).</summary>
    sealed class Whole
    {
        public Whole(float[] weight, float[] states, long[] ids, float[] slopes, double? softCap)
        {
            Logps = new double[Rows];
            GradRows = new double[Rows * Hidden];
            GradWeight = new double[Vocabulary * Hidden];
            for (var r = 0; r < Rows; r++)
            {
                var logits = new double[Vocabulary];
                for (var v = 0; v < Vocabulary; v++)
                {
                    var dot = Enumerable.Range(0, Hidden).Sum(i => (double)states[(r * Hidden) + i] * weight[(v * Hidden) + i]);
                    logits[v] = softCap is { } c ? c * Math.Tanh(dot / c) : dot;
                }

                var sum = Math.Log(logits.Sum(Math.Exp));
                Logps[r] = logits[ids[r]] - sum;
                for (var v = 0; v < Vocabulary; v++)
                {
                    var slope = softCap is { } c ? 1 - (logits[v] / c * (logits[v] / c)) : 1;
                    var d = slopes[r] * ((v == ids[r] ? 1 : 0) - Math.Exp(logits[v] - sum)) * slope;
                    for (var i = 0; i < Hidden; i++)
                    {
                        GradRows[(r * Hidden) + i] += d * weight[(v * Hidden) + i];
                        GradWeight[(v * Hidden) + i] += d * states[(r * Hidden) + i];
                    }
                }
            }
        }

        public double[] Logps { get; }

        public double[] GradRows { get; }

        public double[] GradWeight { get; }
    }
}
