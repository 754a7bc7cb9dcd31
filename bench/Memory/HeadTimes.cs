using System.Diagnostics;
using System.Globalization;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Heads;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.MemoryBench;

/// <summary>The time of a head in parts of the vocabulary, against the same head undivided.</summary>
static class HeadTimes
{
    const int Rounds = 7;

    /// <summary>
    /// A row, in seconds, in parts and whole: forward alone; forward and backward of a head that is frozen; of one that trains, whose
    /// logits in parts are made twice, or kept.
    /// </summary>
    /// <param name="folder">The model.</param>
    /// <param name="tokens">Scored tokens.</param>
    public static string Measure(string folder, int tokens)
    {
        OrtProcess.Start(threads: 2);
        using var pool = new MemoryPool();
        using var parameters = ModelParameters.Open(folder, WeightMapping.ReadOnly, pool);
        var cut = VocabularyCut.Of(parameters.Model.Head())!;
        var (vocabulary, hidden) = (parameters.Model.Sizes.VocabSize, parameters.Model.Sizes.HiddenSize);
        using var divided = new VocabularyHead(parameters, cut, trains: true);
        using var whole = new VocabularyHead(parameters, cut, trains: true, new VocabularyParts(vocabulary, vocabulary, tokens));
        using var frozenDivided = new VocabularyHead(parameters, cut, trains: false);
        using var frozenWhole = new VocabularyHead(parameters, cut, trains: false, new VocabularyParts(vocabulary, vocabulary, tokens));
        var random = new Random(2);
        float[] states = [.. Enumerable.Range(0, tokens * hidden).Select(_ => random.NextSingle() - 0.5f)];
        long[] ids = [.. Enumerable.Range(0, tokens).Select(_ => (long)random.Next(vocabulary))];
        float[] slopes = [.. Enumerable.Range(0, tokens).Select(_ => random.NextSingle() - 0.5f)];
        using var rows = HostTensor.From<float>(pool, DataType.Float32, states, tokens, hidden);
        using var gradient = HostTensor.Zeros(pool, DataType.Float32, vocabulary, hidden);
        double[] best = [.. Enumerable.Repeat(double.MaxValue, 7)];
        for (var round = 0; round < Rounds; round++)
        {
            Time(0, () => Forward(divided));
            Time(1, () => Forward(whole));
            Time(2, () => Both(divided, VocabularyKeep.Nothing, gradient));
            Time(3, () => Both(whole, VocabularyKeep.Logits, gradient));
            Time(4, () => Both(divided, VocabularyKeep.Logits, gradient));
            Time(5, () => Both(frozenDivided, VocabularyKeep.RowsGradient, null));
            Time(6, () => Both(frozenWhole, VocabularyKeep.Logits, null));
        }

        string[] cells =
        [
            Path.GetFileName(folder), tokens.ToString(CultureInfo.InvariantCulture),
            Seconds(0), Seconds(1), Ratio(0, 1), Seconds(5), Seconds(6), Ratio(5, 6), Seconds(2), Seconds(4), Seconds(3), Ratio(2, 3),
        ];
        return $"| {string.Join(" | ", cells)} |";

        string Seconds(int place) => best[place].ToString("0.000", CultureInfo.InvariantCulture);

        string Ratio(int divided, int undivided) => (best[divided] / best[undivided]).ToString("0.00", CultureInfo.InvariantCulture);

        void Time(int place, Action action)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best[place] = Math.Min(best[place], Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        void Forward(VocabularyHead head) => head.Forward(rows, ids, VocabularyKeep.Nothing, pool).Tape.Dispose();

        void Both(VocabularyHead head, VocabularyKeep keep, DeviceTensor? weightGradient)
        {
            var (_, tape) = head.Forward(rows, ids, keep, pool);
            head.Backward(rows, tape, slopes, weightGradient, pool).Dispose();
        }
    }
}
