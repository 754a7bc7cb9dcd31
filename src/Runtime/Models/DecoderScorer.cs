using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Heads;
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
    readonly MemoryPool pool;
    readonly bool ownsParameters;
    readonly BodySessions body;
    readonly ScoringHead head;

    /// <summary>Scores with parameters that outlive the scorer.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    /// <param name="scoreBytes">What attention's scores take at most.</param>
    public DecoderScorer(ModelParameters parameters, MemoryPool pool, long scoreBytes = AttentionRows.DefaultScoreBytes)
        : this(parameters, pool, scoreBytes, ownsParameters: false)
    {
    }

    DecoderScorer(ModelParameters parameters, MemoryPool pool, long scoreBytes, bool ownsParameters)
    {
        this.parameters = parameters;
        this.pool = pool;
        this.ownsParameters = ownsParameters;
        body = new BodySessions(parameters, Model.Embed(), Model.Layers(), scoreBytes);
        head = new ScoringHead(parameters, Model.Head());
    }

    /// <summary>Opens a model folder to score with.</summary>
    /// <param name="modelFolder">The folder.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="device">Where it scores; null: the processor.</param>
    /// <param name="dtype">The type that products are computed in.</param>
    /// <param name="offload">What of the model stays in the host's memory.</param>
    public static DecoderScorer Load(
        string modelFolder, int threads, Device? device = null, ComputeDtype dtype = ComputeDtype.Float32,
        Offload offload = Offload.None) =>
        Of(threads, device, pool => ModelParameters.Open(modelFolder, WeightMapping.ReadOnly, pool, dtype: dtype, offload: offload));

    /// <summary>Scores with a model that is open, and outlives the scorer.</summary>
    /// <param name="model">The model.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="device">Where it scores; null: the processor.</param>
    /// <param name="dtype">The type that products are computed in.</param>
    /// <param name="offload">What of the model stays in the host's memory.</param>
    public static DecoderScorer Of(
        ModelFolder model, int threads, Device? device = null, ComputeDtype dtype = ComputeDtype.Float32,
        Offload offload = Offload.None) =>
        Of(threads, device, pool => ModelParameters.Of(model, pool, dtype, offload));

    /// <summary>
    /// What scoring would take: the same scorer goes through batches without memory and without numbers.
    /// </summary>
    /// <param name="model">A model that is open.</param>
    /// <param name="batches">Batches that it would see; the largest decide.</param>
    /// <param name="device">Where it would score; null: the processor.</param>
    /// <param name="dtype">The type that products would be computed in.</param>
    /// <param name="offload">What of the model would stay in the host's memory.</param>
    public static MemoryUse Plan(
        ModelFolder model, IEnumerable<PackedBatch> batches, Device? device = null, ComputeDtype dtype = ComputeDtype.Float32,
        Offload offload = Offload.None)
    {
        using var pool = MemoryPool.Dry(device);
        using var scorer = new DecoderScorer(ModelParameters.Of(model, pool, dtype, offload), pool);
        foreach (var batch in batches)
        {
            scorer.Score(batch);
        }

        return pool.Use;
    }

    /// <summary>
    /// What scoring would take in a stage, with what of the model in the host's memory as <paramref name="choice"/> leaves open and
    /// memory demands.
    /// </summary>
    /// <param name="model">A model that is open.</param>
    /// <param name="batches">Batches that it would see; the largest decide.</param>
    /// <param name="budget">What is left to it where it would score.</param>
    /// <param name="choice">What was asked for.</param>
    /// <param name="dtype">The type that products would be computed in.</param>
    /// <param name="tokenizer">Bytes of the stage's tokenizer.</param>
    /// <exception cref="NotSupportedException">What was asked for cannot be; the message says why.</exception>
    public static ForwardMemory Choose(
        ModelFolder model, IReadOnlyList<PackedBatch> batches, MemoryBudget budget, OffloadChoice choice, ComputeDtype dtype,
        long tokenizer) =>
        ForwardMemory.Choose(model, budget, choice, tokenizer, way => Plan(model, batches, budget.Device, dtype, way));

    public DecoderModel Model => parameters.Model;

    public int VocabularySize => Model.Sizes.VocabSize;

    public BatchLayout Layout => Model.Layout;

    public LogpTolerance Tolerance => LogpTolerance.Of(parameters.Dtype);

    public float[] Score(PackedBatch batch) => Run(batch, (tensors, hidden) => head.Score(tensors, hidden, pool));

    public TokenScores ScoreTokens(PackedBatch batch) => Run(batch, (tensors, hidden) => head.ScoreTokens(tensors, hidden, pool));

    public void Dispose()
    {
        body.Dispose();
        head.Dispose();
        if (ownsParameters)
        {
            parameters.Dispose();
            pool.Dispose();
        }
    }

    T Run<T>(PackedBatch batch, Func<BatchTensors, DeviceTensor, T> score)
    {
        using var tensors = new BatchTensors(batch, Model.Sizes.MaxPositions, pool);
        using var hidden = body.Run(tensors.Inputs, batch.InputIds, batch.SegmentIds, pool);
        var scores = score(tensors, hidden);
        pool.EndStep();
        return scores;
    }

    static DecoderScorer Of(int threads, Device? device, Func<MemoryPool, ModelParameters> open)
    {
        OrtProcess.Start(threads);
        var pool = new MemoryPool(device);
        ModelParameters? parameters = null;
        try
        {
            parameters = open(pool);
            return new DecoderScorer(parameters, pool, AttentionRows.DefaultScoreBytes, ownsParameters: true);
        }
        catch
        {
            // Memory of a device goes back to nobody by itself.
            parameters?.Dispose();
            pool.Dispose();
            throw;
        }
    }
}
