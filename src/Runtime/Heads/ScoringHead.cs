using OrtDpo.Autodiff.Fragments;
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

    public ScoringHead(ModelParameters parameters, Fragment whole)
    {
        this.parameters = parameters;
        var cut = VocabularyCut.Of(whole);
        head = cut?.Rows ?? whole;
        session = new FragmentSession(parameters.Precision(head.ParameterNames).Of(head.Graph), MemoryPurpose.Head);
        vocabulary = cut is null ? null : new VocabularyHead(parameters, cut, trains: false);
    }

    /// <summary><c>[R, T]</c> log-probabilities of the completion tokens.</summary>
    public float[] Score(BatchTensors batch, DeviceTensor hidden, MemoryPool pool)
    {
        var logps = new float[batch.Batch.CompletionMask.Length];
        foreach (var (start, count) in vocabulary is null
            ? CompletionChunks.Of(batch.Scored, parameters.Model.Sizes.VocabSize)
            : [(0, batch.Scored)])
        {
            var inputs = batch.CompletionInputs(start, count);
            inputs[FragmentPorts.Hidden] = hidden;
            var outputs = session.Run(head.ParameterNames, parameters, inputs, pool);
            batch.Scatter(
                vocabulary is null ? outputs[FragmentPorts.TokenLogps].ToArray<float>() : InParts(batch, outputs, pool), start, logps);
            inputs.Remove(FragmentPorts.Hidden);
            inputs.DisposeAll();
            outputs.DisposeAll();
        }

        return logps;
    }

    public void Dispose()
    {
        session.Dispose();
        vocabulary?.Dispose();
    }

    float[] InParts(BatchTensors batch, Dictionary<string, DeviceTensor> outputs, MemoryPool pool)
    {
        var (logps, tape) = vocabulary!.Forward(outputs[VocabularyCut.RowsOutput], batch.ScoredIds, VocabularyKeep.Nothing, pool);
        tape.Dispose();
        return logps;
    }
}
