using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Runtime.Heads;

/// <summary>
/// A model's head, forward only: in parts of the vocabulary where it ends in a product with it, and else in chunks of rows.
/// </summary>
sealed class ScoringHead : IDisposable
{
    readonly ModelParameters parameters;
    readonly Fragment head;
    readonly FragmentSession session;
    readonly VocabularyHead? vocabulary;
    // Of a head that runs whole: the same with how likely the likeliest tokens are. Null: it does not say it.
    readonly Fragment? telling;
    readonly Lazy<FragmentSession>? tellingSession;

    public ScoringHead(ModelParameters parameters, Fragment whole)
    {
        this.parameters = parameters;
        var cut = VocabularyCut.Of(whole);
        head = cut?.Rows ?? whole;
        session = Session(head);
        vocabulary = cut is null ? null : new VocabularyHead(parameters, cut, trains: false);
        telling = cut is null ? LikeliestLogps.Of(whole) : null;
        tellingSession = telling is null ? null : new(() => Session(telling));
    }

    /// <summary><c>[R, T]</c> log-probabilities of the completion tokens.</summary>
    public float[] Score(BatchTensors batch, DeviceTensor hidden, MemoryPool pool)
    {
        var logps = new float[batch.Batch.CompletionMask.Length];
        Run(session, batch, hidden, pool, (outputs, start) => batch.Scatter(
            vocabulary is null ? outputs[FragmentPorts.TokenLogps].ToArray<float>() : InParts(batch, outputs, pool), start, logps));
        return logps;
    }

    /// <summary>The same, and which of the tokens were the likeliest, where the head says it.</summary>
    public TokenScores ScoreTokens(BatchTensors batch, DeviceTensor hidden, MemoryPool pool)
    {
        if (vocabulary is null && telling is null)
        {
            return new TokenScores(Score(batch, hidden, pool), AreLikeliest: null);
        }

        var scores = new TokenScores(
            new float[batch.Batch.CompletionMask.Length], new bool[batch.Batch.CompletionMask.Length]);
        Run(tellingSession?.Value ?? session, batch, hidden, pool, (outputs, start) =>
        {
            var (logps, areLikeliest) = vocabulary?.Score(outputs[VocabularyCut.RowsOutput], batch.ScoredIds, pool) ?? Told(outputs);
            batch.Scatter<float>(logps, start, scores.Logps);
            batch.Scatter<bool>(areLikeliest, start, scores.AreLikeliest);
        });
        return scores;
    }

    public void Dispose()
    {
        session.Dispose();
        vocabulary?.Dispose();
        if (tellingSession is { IsValueCreated: true } told)
        {
            told.Value.Dispose();
        }
    }

    FragmentSession Session(Fragment fragment) =>
        new(parameters.Precision(fragment.ParameterNames).Of(fragment.Graph), MemoryPurpose.Head);

    // Chunk by chunk: what the head made, and the chunk's first scored token.
    void Run(
        FragmentSession running, BatchTensors batch, DeviceTensor hidden, MemoryPool pool,
        Action<Dictionary<string, DeviceTensor>, int> read)
    {
        foreach (var (start, count) in vocabulary is null
            ? CompletionChunks.Of(batch.Scored, parameters.Model.Sizes.VocabSize)
            : [(0, batch.Scored)])
        {
            var inputs = batch.CompletionInputs(start, count);
            inputs[FragmentPorts.Hidden] = hidden;
            var outputs = running.Run(head.ParameterNames, parameters, inputs, pool);
            read(outputs, start);
            inputs.Remove(FragmentPorts.Hidden);
            inputs.DisposeAll();
            outputs.DisposeAll();
        }
    }

    float[] InParts(BatchTensors batch, Dictionary<string, DeviceTensor> outputs, MemoryPool pool)
    {
        var (logps, tape) = vocabulary!.Forward(outputs[VocabularyCut.RowsOutput], batch.ScoredIds, VocabularyKeep.Nothing, pool);
        tape.Dispose();
        return logps;
    }

    static (float[] Logps, bool[] AreLikeliest) Told(Dictionary<string, DeviceTensor> outputs)
    {
        var logps = outputs[FragmentPorts.TokenLogps].ToArray<float>();
        var largest = outputs[LikeliestLogps.Output].ToArray<float>();
        return (logps, [.. logps.Zip(largest, (logp, most) => logp >= most)]);
    }
}
