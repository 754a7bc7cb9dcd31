using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Runtime.Models;

/// <summary>
/// Scores packed batches with a model: the forward pass of precompute, evaluation and the step-0 gate. The fragments run one after the
/// other, so the memory does not grow with the depth.
/// </summary>
public sealed class DecoderScorer : IScorer
{
    readonly ModelParameters parameters;
    readonly bool ownsParameters;
    readonly Fragment head;
    readonly BodySessions body;
    readonly FragmentSession headSession;
    readonly MemoryPool pool;

    /// <summary>Scores with parameters that outlive the scorer.</summary>
    public DecoderScorer(ModelParameters parameters, MemoryPool pool)
        : this(parameters, pool, ownsParameters: false)
    {
    }

    DecoderScorer(ModelParameters parameters, MemoryPool pool, bool ownsParameters)
    {
        this.parameters = parameters;
        this.pool = pool;
        this.ownsParameters = ownsParameters;
        head = Model.Head();
        body = new BodySessions(parameters, Model.Embed(), Model.Layers());
        headSession = new FragmentSession(head.Graph);
    }

    /// <summary>Opens a model folder to score with, on <paramref name="threads"/> threads.</summary>
    public static DecoderScorer Load(string modelFolder, int threads)
    {
        OrtProcess.Start(threads);
        return new DecoderScorer(ModelParameters.Open(modelFolder, WeightMapping.ReadOnly), new MemoryPool(), ownsParameters: true);
    }

    /// <summary>Scores with a model that is open, and outlives the scorer, on <paramref name="threads"/> threads.</summary>
    public static DecoderScorer Of(ModelFolder model, int threads)
    {
        OrtProcess.Start(threads);
        return new DecoderScorer(ModelParameters.Of(model), new MemoryPool(), ownsParameters: true);
    }

    public DecoderModel Model => parameters.Model;

    public int VocabularySize => Model.Sizes.VocabSize;

    public BatchLayout Layout => Model.Layout;

    public float[] Score(PackedBatch batch)
    {
        using var tensors = new BatchTensors(batch, Model.Sizes.MaxPositions, pool);
        using var hidden = body.Run(tensors.Inputs, pool);
        var logps = new float[batch.CompletionMask.Length];
        foreach (var (start, count) in CompletionChunks.Of(tensors.Scored, Model.Sizes.VocabSize))
        {
            var inputs = tensors.CompletionInputs(start, count);
            inputs[FragmentPorts.Hidden] = hidden;
            var outputs = headSession.Run(head.ParameterNames, parameters, inputs, pool);
            tensors.Scatter(outputs[FragmentPorts.TokenLogps].Span<float>(), start, logps);
            inputs.Remove(FragmentPorts.Hidden);
            inputs.DisposeAll();
            outputs.DisposeAll();
        }

        pool.EndStep();
        return logps;
    }

    public void Dispose()
    {
        body.Dispose();
        headSession.Dispose();
        if (ownsParameters)
        {
            parameters.Dispose();
            pool.Dispose();
        }
    }
}
