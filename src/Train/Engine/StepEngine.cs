using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Runs;
using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Devices;
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
    readonly Fragment embed;
    readonly IReadOnlyList<Fragment> layers;
    readonly ChunkedModel? chunked;
    readonly Dictionary<OnnxGraph, TrainableFragment> embedSessions = [];
    readonly Dictionary<OnnxGraph, ITrainableLayer> wholeLayers;
    readonly Dictionary<OnnxGraph, ITrainableLayer> chunkedLayers = [];
    readonly int firstKept;
    // The first layer with anything that trains: −1 the embedding, and the number of layers where only the head has.
    readonly int firstTrained;
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

        embed = parameters.Embedding(Model.Embed());
        layers = Model.Layers();
        firstTrained = HasTrained(embed) ? -1
            : layers.Index().Where(l => HasTrained(l.Item)).Select(l => l.Index).DefaultIfEmpty(layers.Count).First();
        chunked = ChunkedModel.Of(Model, embed, layers, options.ScoreBytes, parameters.Compute);
        // The last layers come first in the backward: what they keep is free again when others are recomputed.
        firstKept = layers.Count - Math.Clamp(options.KeptLayers ?? layers.Count, 0, layers.Count);
        wholeLayers = layers.DistinctBy(l => l.Graph)
            .ToDictionary(l => l.Graph, ITrainableLayer (l) => new WholeLayer(Trainable, l));
        if (chunked is not null)
        {
            chunkedLayers = chunked.Layers.ToDictionary(
                l => l.Key, ITrainableLayer (l) => new ChunkedLayer(Trainable, l.Value.Cut, l.Value.Attention, parameters, pool));
        }

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

        engine.optimizer.Apply(new OptimizerStep(Number: 1, LearningRate: 0, MaxGradNorm: 0, WeightDecay: 0));
        return pool.Use;
    }

    public DecoderModel Model => parameters.Model;

    bool KeepsAll => firstKept == 0;

    public int VocabularySize => Model.Sizes.VocabSize;

    public BatchLayout Layout => Model.Layout;

    public LogpTolerance Tolerance => LogpTolerance.Of(parameters.Dtype);

    /// <summary>Where the model lies and runs.</summary>
    public Device Device => pool.Device;

    /// <summary>The policy's parameters as they are now; owned by the engine.</summary>
    public ModelParameters Parameters => parameters;

    public float[] Score(PackedBatch batch) => scorer.Score(batch);

    public float[] Accumulate(PackedBatch batch, Func<float[], float[]> slopes)
    {
        using var tensors = new BatchTensors(batch, Model.Sizes.MaxPositions, pool);
        using var rows = chunked?.Rows(tensors.Inputs[FragmentPorts.PositionIds], batch.SegmentIds, pool);
        var (first, sessions) = rows is null ? (embed, wholeLayers) : (chunked!.Embed, chunkedLayers);
        var embedding = EmbedSessions(first);
        var inputs = new Dictionary<string, DeviceTensor>(tensors.Inputs.Concat(parameters.Tables), StringComparer.Ordinal);
        using var embedded = parameters.EmbeddedRows(batch.InputIds, [batch.Rows, batch.Width], pool);
        if (embedded is not null)
        {
            inputs.Add(EmbeddingCut.Rows, embedded);
        }

        var shared = embedding.Forward(first.ParameterNames, inputs);
        var embedTape = embedding.SavedOf(shared);
        shared.Remove(FragmentPorts.Hidden, out var hidden);
        var layerInputs = new Dictionary<string, DeviceTensor>(inputs.Concat(shared), StringComparer.Ordinal);
        var tape = new Stack<LayerTape>();
        foreach (var (i, layer) in layers.Index())
        {
            // The backward begins with the last two, which are there.
            using var entered = parameters.Enter(i, i + 1 < layers.Count ? i + 1 : null);
            layerInputs[FragmentPorts.Hidden] = hidden!;
            (hidden, var saved) = sessions[layer.Graph].Forward(layer, layerInputs, rows, keep: i >= firstKept && i >= firstTrained);
            if (i >= firstTrained)
            {
                tape.Push(saved);
            }
            else
            {
                saved.Hidden.Dispose();
            }
        }

        var tokenLogps = head.Forward(tensors, hidden!);
        var gradHidden = head.Backward(tensors, hidden!, slopes(tokenLogps));
        hidden!.Dispose();
        foreach (var (i, layer) in layers.Index().Skip(firstTrained).Reverse())
        {
            // Past its last layer the next batch begins.
            using var entered = parameters.Enter(i, i > Math.Max(firstTrained, 0) ? i - 1 : 0);
            gradHidden = sessions[layer.Graph].Backward(layer, layerInputs, rows, tape.Pop(), gradHidden);
        }

        if (firstTrained < 0)
        {
            inputs[FragmentGradient.Gradient(FragmentPorts.Hidden)] = gradHidden;
            embedding.Backward(first.ParameterNames, new(inputs.Concat(embedTape), StringComparer.Ordinal)).DisposeAll();
        }

        gradHidden.Dispose();
        shared.DisposeAll();
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
        Model.WriteBeside(folder);
        foreach (var file in options.Beside)
        {
            var path = Path.Combine(folder, file.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, stream => stream.Write(file.Read()));
        }
    }

    public void ReadState(string folder)
    {
        new EngineState(Model is AdaptedModel).Read(folder, names.Select(n => trained[n]));
        foreach (var name in names)
        {
            parameters.Refresh(name);
        }
    }

    /// <summary>The accumulated gradient of parameter <paramref name="name"/>, not clipped.</summary>
    public float[] Gradient(string name) => trained[name].Gradient.ToArray<float>();

    /// <summary>The memory that the engine takes and took.</summary>
    public MemoryUse Use => pool.Use;

    public void Dispose()
    {
        head.Dispose();
        optimizer.Dispose();
        foreach (var sessions in wholeLayers.Values.Concat<IDisposable>(chunkedLayers.Values).Concat(embedSessions.Values))
        {
            sessions.Dispose();
        }

        chunked?.Dispose();
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

    TrainableFragment EmbedSessions(Fragment fragment)
    {
        if (!embedSessions.TryGetValue(fragment.Graph, out var sessions))
        {
            embedSessions.Add(
                fragment.Graph, sessions = Trainable(fragment, [FragmentPorts.Hidden], wanted: [], sums: [], keep: KeepsAll));
        }

        return sessions;
    }

    ITrainableHead Head(Fragment whole)
    {
        if (VocabularyCut.Of(whole) is not { } cut)
        {
            return new ChunkedHead(
                keep => Trainable(whole, [FragmentPorts.TokenLogps], wanted: [FragmentPorts.Hidden], sums: [], keep),
                whole.ParameterNames, Model.Sizes.VocabSize, KeepsAll, parameters, pool);
        }

        // Up to the product there is nothing to keep but the rows themselves.
        var rows = Trainable(cut.Rows, [VocabularyCut.RowsOutput], wanted: [FragmentPorts.Hidden], sums: [], keep: false);
        var weight = trained.GetValueOrDefault(cut.Vocabulary);
        var vocabulary = new VocabularyHead(parameters, cut, trains: weight is not null);
        return new PartedHead(rows, cut.Rows.ParameterNames, vocabulary, weight, KeepsAll, parameters, pool);
    }

    TrainableFragment Trainable(Fragment fragment, string[] seeds, string[] wanted, string[] sums, bool keep) =>
        new(
            fragment, seeds, wanted,
            [.. fragment.ParameterNames.Where(n => trained.ContainsKey(n.Value)).Select(n => n.Key), .. sums],
            keep, parameters, trained, pool);

    bool HasTrained(Fragment fragment) => fragment.ParameterNames.Values.Any(trained.ContainsKey);
}
