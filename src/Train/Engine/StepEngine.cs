using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Heads;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Training;

namespace OrtDpo.Train.Engine;

/// <summary>
/// Trains a model by running its fragments one after the other as small sessions: embed → layers → head, and back. Between them the host
/// holds the activations and keeps them or has them recomputed, so memory is a choice, and start-up costs the same at any depth.
/// </summary>
public sealed class StepEngine : ITrainingEngine
{
    readonly EngineOptions options;
    readonly ModelParameters parameters;
    readonly MemoryPool pool;
    // Of what trains, in the order of the forward pass.
    readonly string[] names;
    readonly Dictionary<string, TrainedParameter> trained;
    readonly IOptimizer optimizer;
    readonly DecoderScorer scorer;
    readonly TrainableBody body;
    readonly ITrainableHead head;

    StepEngine(ModelParameters parameters, MemoryPool pool, EngineOptions options)
    {
        this.options = options;
        this.parameters = parameters;
        this.pool = pool;
        names = [.. parameters.Names.Where(parameters.Trains)];
        trained = names.ToDictionary(
            n => n, n => new TrainedParameter(n, parameters.Master(n), pool, options.Optimizer, parameters.CopyOf(n)),
            StringComparer.Ordinal);
        IReadOnlyList<TrainedParameter> all = [.. names.Select(n => trained[n])];
        // Before the first step and not at the first checkpoint.
        if (!pool.IsDry)
        {
            EngineState.RequireSavable(all, options.SaveType);
        }

        optimizer = pool.Device.IsHost
            ? new AdamW(pool.IsDry ? [] : ParameterChunk.Of(all), options.Threads)
            : new GraphAdamW(all, pool);

        scorer = new DecoderScorer(parameters, pool, options.ScoreBytes);
        body = new TrainableBody(Trainable, parameters, options, pool);
        head = Head(Model.Head());
    }

    /// <summary>Opens a model folder for training; its files do not change.</summary>
    public static StepEngine Open(string modelFolder, EngineOptions options) => Of(
        options,
        pool => ModelParameters.Open(modelFolder, WeightMapping.CopyOnWrite, pool, options.MaxLength, options.Dtype, options.Offload));

    /// <summary>Trains a model that is open, and outlives the engine; its files do not change.</summary>
    /// <exception cref="ArgumentException">
    /// It is not mapped copy-on-write: an update would write into memory that cannot be written.
    /// </exception>
    public static StepEngine Of(ModelFolder model, EngineOptions options)
    {
        Require(model);
        return Of(options, pool => ModelParameters.Of(model, pool, options.Dtype, options.Offload));
    }

    /// <summary>Rows · width² up to which a batch's scores exist whole; null where those of all batches do.</summary>
    public static long? MostWhole(DecoderModel model, EngineOptions options)
    {
        using var chunked = ChunkedModel.Of(model, model.Embed(), model.Layers(), options.ScoreBytes);
        return chunked?.MostWhole;
    }

    /// <summary>
    /// What training would take: the same engine goes through batches without memory and without numbers, so that it places every block
    /// where a run would.
    /// </summary>
    /// <param name="model">A model that is open to be trained.</param>
    /// <param name="options">How the engine would be set up.</param>
    /// <param name="batches">Micro-batches that it would see; the largest decide.</param>
    public static MemoryUse Plan(ModelFolder model, EngineOptions options, IEnumerable<PackedBatch> batches)
    {
        Require(model);
        using var pool = MemoryPool.Dry(options.Device);
        using var engine = new StepEngine(ModelParameters.Of(model, pool, options.Dtype, options.Offload), pool, options);
        foreach (var batch in batches)
        {
            engine.Accumulate(batch, logps => logps);
            pool.EndStep();
        }

        if (options.LongestText > 0)
        {
            using var logits = engine.Logits();
            logits.Reserve(options.LongestText);
            logits.Next(new long[options.LongestText]);
        }

        engine.optimizer.Apply(new OptimizerStep(Number: 1, LearningRate: 0, MaxGradNorm: 0, WeightDecay: 0));
        return pool.Use;
    }

    public DecoderModel Model => parameters.Model;

    public int VocabularySize => Model.Sizes.VocabSize;

    public BatchLayout Layout => Model.Layout;

    public LogpTolerance Tolerance => LogpTolerance.Of(parameters.Dtype);

    /// <summary>Where the model lies and runs.</summary>
    public Device Device => pool.Device;

    /// <summary>The policy's parameters as they are now; owned by the engine.</summary>
    public ModelParameters Parameters => parameters;

    public float[] Score(PackedBatch batch) => scorer.Score(batch);

    public TokenScores ScoreTokens(PackedBatch batch) => scorer.ScoreTokens(batch);

    public float[] Accumulate(PackedBatch batch, Func<float[], float[]> slopes)
    {
        using var tensors = new BatchTensors(batch, Model.Sizes.MaxPositions, pool);
        using var tape = body.Forward(batch, tensors);
        var tokenLogps = head.Forward(tensors, tape.Hidden);
        body.Backward(tape, head.Backward(tensors, tape.Hidden, slopes(tokenLogps)));
        return tokenLogps;
    }

    public OptimizerResult Apply(OptimizerStep update)
    {
        pool.EndStep();
        return optimizer.Apply(update);
    }

    public void WriteState(string folder)
    {
        new EngineState(Model is AdaptedModel).Write(folder, names.Select(n => trained[n]), options.SaveType);
        CheckpointFiles.Write(folder, Model, options.Beside);
    }

    /// <summary>Bytes of a checkpoint: what trains, moments, and the files beside them; but for headers of some kilobytes.</summary>
    public long CheckpointBytes =>
        names.Sum(n => EngineState.BytesOf(trained[n], options.SaveType)) + CheckpointFiles.Bytes(options.Beside);

    public void ReadState(string folder)
    {
        new EngineState(Model is AdaptedModel).Read(folder, names.Select(n => trained[n]));
        foreach (var name in names)
        {
            parameters.Refresh(name);
        }
    }

    /// <summary>
    /// Next-token logits of the policy as it is, from the weights that train: for texts between steps, disposed before the next one. Keys
    /// and values are kept where products compute in float32, which the cache's layers know alone; else each token runs the whole text.
    /// </summary>
    public FragmentLogits Logits() => new(parameters, pool, keeps: parameters.Dtype == ComputeDtype.Float32);

    /// <summary>The accumulated gradient of parameter <paramref name="name"/>, not clipped.</summary>
    public float[] Gradient(string name) => trained[name].Gradient.ToArray<float>();

    /// <summary>The memory that the engine takes and took.</summary>
    public MemoryUse Use => pool.Use;

    public void Dispose()
    {
        head.Dispose();
        optimizer.Dispose();
        body.Dispose();
        scorer.Dispose();
        foreach (var parameter in trained.Values)
        {
            parameter.Dispose();
        }

        parameters.Dispose();
        pool.Dispose();
    }

    static StepEngine Of(EngineOptions options, Func<MemoryPool, ModelParameters> open)
    {
        OrtProcess.Start(options.Threads);
        var pool = new MemoryPool(options.Device);
        ModelParameters? parameters = null;
        try
        {
            parameters = open(pool);
            return new StepEngine(parameters, pool, options);
        }
        catch
        {
            // Memory of a device goes back to nobody by itself.
            parameters?.Dispose();
            pool.Dispose();
            throw;
        }
    }

    static void Require(ModelFolder model)
    {
        if (!model.Parameters.Any(model.Trains))
        {
            throw new ArgumentException(
                $"{model.Path} is mapped {model.Mapping}; a model that trains is mapped CopyOnWrite. Map it so, or put an adapter on it.",
                nameof(model));
        }
    }

    ITrainableHead Head(Fragment whole)
    {
        if (VocabularyCut.Of(whole) is not { } cut)
        {
            return new ChunkedHead(
                keep => Trainable(whole, [FragmentPorts.TokenLogps], wanted: [FragmentPorts.Hidden], sums: [], keep),
                whole.ParameterNames, Model.Sizes.VocabSize, body.KeepsAll, parameters, pool);
        }

        // Up to the product there is nothing to keep but the rows themselves.
        var rows = Trainable(cut.Rows, [VocabularyCut.RowsOutput], wanted: [FragmentPorts.Hidden], sums: [], keep: false);
        var weight = trained.GetValueOrDefault(cut.Vocabulary);
        var vocabulary = new VocabularyHead(parameters, cut, trains: weight is not null);
        return new PartedHead(rows, cut.Rows.ParameterNames, vocabulary, weight, body.KeepsAll, parameters, pool);
    }

    TrainableFragment Trainable(Fragment fragment, string[] seeds, string[] wanted, string[] sums, bool keep) =>
        new(
            fragment, seeds, wanted,
            [.. fragment.ParameterNames.Where(n => trained.ContainsKey(n.Value)).Select(n => n.Key), .. sums],
            keep, parameters, trained, pool);
}
