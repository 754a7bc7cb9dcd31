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

    /// <summary>A row: forward alone, and forward and backward without kept logits, each in parts and whole, in seconds.</summary>
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
        var random = new Random(2);
        float[] states = [.. Enumerable.Range(0, tokens * hidden).Select(_ => random.NextSingle() - 0.5f)];
        long[] ids = [.. Enumerable.Range(0, tokens).Select(_ => (long)random.Next(vocabulary))];
        float[] slopes = [.. Enumerable.Range(0, tokens).Select(_ => random.NextSingle() - 0.5f)];
        using var rows = NativeTensor.From<float>(pool, DataType.Float32, states, tokens, hidden);
        using var gradient = NativeTensor.Zeros(pool, DataType.Float32, vocabulary, hidden);
        double[] best = [.. Enumerable.Repeat(double.MaxValue, 5)];
        for (var round = 0; round < Rounds; round++)
        {
            Time(0, () => Forward(divided));
            Time(1, () => Forward(whole));
            Time(2, () => Both(divided, keep: false));
            Time(3, () => Both(whole, keep: true));
            Time(4, () => Both(divided, keep: true));
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Path.GetFileName(folder)} | {tokens} | {best[0]:0.000} | {best[1]:0.000} | {best[0] / best[1]:0.00} | {best[2]:0.000} |")
            + string.Create(CultureInfo.InvariantCulture, $" {best[4]:0.000} | {best[3]:0.000} | {best[2] / best[3]:0.00} |");

        void Time(int place, Action action)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best[place] = Math.Min(best[place], Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        void Forward(VocabularyHead head) => head.Forward(rows, ids, keep: false, pool).Tape.Dispose();

        void Both(VocabularyHead head, bool keep)
        {
            var (_, tape) = head.Forward(rows, ids, keep, pool);
            head.Backward(rows, tape, slopes, gradient, pool).Dispose();
        }
    }
}
