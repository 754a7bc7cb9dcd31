using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Heads;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Train.Engine;

namespace OrtDpo.CudaEngine.Tests.Fragments;

/// <summary>
/// The parts of a <see cref="StepEngine"/> in its own classes, put together as it does, so that each can be run alone. That the parts are
/// the engine's is shown by their sum (<see cref="StepSumTests"/>).
/// </summary>
sealed class EngineFragments : IDisposable
{
    public const string Embed = "embed", EmbedForChunks = "embed without masks", Head = "head";

    // Of the name of a layer that runs so.
    const string Chunked = " in chunks";

    readonly bool keep;
    readonly MemoryPool pool;
    readonly CostMeter meter;
    readonly ModelParameters parameters;
    readonly Dictionary<string, TrainedParameter> trained;
    readonly ChunkedModel chunks;
    readonly List<(string Name, Fragment Fragment, TrainableFragment Sessions)> embeds;
    readonly List<(string Name, Fragment Layer, ITrainableLayer Sessions)> layers;
    readonly List<(string Name, Fragment Layer, ITrainableLayer Sessions)> chunkedLayers;
    readonly List<(string Name, ITrainableHead Head)> heads;
    readonly PackedBatch batch;

    /// <param name="folder">A model that is open to be trained, and outlives this.</param>
    /// <param name="options">How an engine would be set up; all layers keep activations, or none does.</param>
    /// <param name="pool">Where tensors get their memory; outlives this.</param>
    public EngineFragments(ModelFolder folder, EngineOptions options, MemoryPool pool)
    {
        OrtProcess.Start(options.Threads);
        keep = options.KeptLayers is null;
        this.pool = pool;
        meter = new CostMeter(pool);
        parameters = ModelParameters.Of(folder, pool, options.Dtype);
        trained = parameters.Names.Where(parameters.Trains).ToDictionary(
            n => n, n => new TrainedParameter(n, parameters.Master(n), pool, copy: parameters.CopyOf(n)), StringComparer.Ordinal);
        batch = FragmentModel.Batch(Model.Layout);

        var (embed, all) = (Model.Embed(), Model.Layers());
        chunks = ChunkedModel.Of(Model, embed, all, scoreBytes: 0, parameters.Compute)
            ?? throw new InvalidOperationException($"{folder.Path}: attention of this model does not run in chunks.");
        embeds =
        [
            .. new[] { (Embed, embed), (EmbedForChunks, chunks.Embed) }.Select(
                e => (e.Item1, e.Item2, Trainable(e.Item2, [FragmentPorts.Hidden], wanted: [], sums: [], keep))),
        ];
        var kinds = all.Zip(LayerNames(Model, isChunked: false)).DistinctBy(l => l.First.Graph).ToList();
        layers = [.. kinds.Select(l => (l.Second, l.First, (ITrainableLayer)new WholeLayer(Trainable, l.First)))];
        chunkedLayers =
        [
            .. kinds.Select(l => (l.Second + Chunked, l.First, (ITrainableLayer)new ChunkedLayer(
                Trainable, chunks.Layers[l.First.Graph].Cut, chunks.Layers[l.First.Graph].Attention, parameters, pool))),
        ];
        heads = [.. Heads(Model.Head())];
    }

    DecoderModel Model => parameters.Model;

    /// <summary>The names of a model's layers in their order: those that are alike have that of the first.</summary>
    public static IReadOnlyList<string> LayerNames(DecoderModel model, bool isChunked)
    {
        var graphs = model.Layers().Select(l => l.Graph).ToList();
        return [.. graphs.Select(g => $"layer {graphs.IndexOf(g)}{(isChunked ? Chunked : "")}")];
    }

    /// <summary>What each part asks of the device, the second time: sessions are loaded, and their constants there.</summary>
    public IReadOnlyList<(string Fragment, string Pass, FragmentCost Cost)> Costs()
    {
        Run(costs: null);
        var costs = new List<(string, string, FragmentCost)>();
        Run(costs);
        return costs;
    }

    public void Dispose()
    {
        foreach (var part in embeds.Select(e => e.Sessions).Concat<IDisposable>(layers.Concat(chunkedLayers).Select(l => l.Sessions))
            .Concat(heads.Select(h => h.Head)).Concat(trained.Values))
        {
            part.Dispose();
        }

        chunks.Dispose();
        parameters.Dispose();
    }

    void Run(List<(string Fragment, string Pass, FragmentCost Cost)>? costs)
    {
        using var tensors = new BatchTensors(batch, Model.Sizes.MaxPositions, pool);
        using var rows = chunks.Rows(tensors.Inputs[FragmentPorts.PositionIds], batch.SegmentIds, pool);
        Body(embeds[0], layers, rows: null);
        Body(embeds[1], chunkedLayers, rows);

        void Body(
            (string Name, Fragment Fragment, TrainableFragment Sessions) embed,
            List<(string Name, Fragment Layer, ITrainableLayer Sessions)> body, AttentionRows? rows)
        {
            var inputs = new Dictionary<string, DeviceTensor>(tensors.Inputs.Concat(parameters.Tables), StringComparer.Ordinal);
            var names = embed.Fragment.ParameterNames;
            var shared = Count(embed.Name, FragmentKey.Forward, () => embed.Sessions.Forward(names, inputs));
            var tape = embed.Sessions.SavedOf(shared);
            shared.Remove(FragmentPorts.Hidden, out var hidden);
            var layerInputs = new Dictionary<string, DeviceTensor>(inputs.Concat(shared), StringComparer.Ordinal);
            foreach (var (name, layer, sessions) in body)
            {
                // The backward gives it back.
                layerInputs[FragmentPorts.Hidden] = DeviceTensor.Zeros(pool, hidden!.Type, hidden.Shape);
                var (output, made) = Count(name, FragmentKey.Forward, () => sessions.Forward(layer, layerInputs, rows, keep));
                // A gradient has the type and shape of what it is of.
                Count(name, FragmentKey.Backward, () => sessions.Backward(layer, layerInputs, rows, made, output)).Dispose();
            }

            foreach (var (name, head) in rows is null ? heads : [])
            {
                var logps = Count(name, FragmentKey.Forward, () => head.Forward(tensors, hidden!));
                Count(name, FragmentKey.Backward, () => head.Backward(tensors, hidden!, logps)).Dispose();
            }

            if (names.Values.Any(trained.ContainsKey))
            {
                inputs[FragmentGradient.Gradient(FragmentPorts.Hidden)] = hidden!;
                Count(embed.Name, FragmentKey.Backward, () => embed.Sessions.Backward(
                    names, new(inputs.Concat(tape), StringComparer.Ordinal))).DisposeAll();
            }

            hidden!.Dispose();
            shared.DisposeAll();
        }

        T Count<T>(string fragment, string pass, Func<T> call)
        {
            if (costs is null)
            {
                return call();
            }

            T? result = default;
            costs.Add((fragment, pass, meter.Of(() => result = call())));
            return result!;
        }
    }

    // The engine's head, by its sizes in one part; the same in four; and the one that foreign models have.
    IEnumerable<(string Name, ITrainableHead Head)> Heads(Fragment whole)
    {
        var cut = VocabularyCut.Of(whole)!;
        var weight = trained.GetValueOrDefault(cut.Vocabulary);
        var scored = batch.CompletionMask.Count(mask => mask > 0);
        VocabularyParts?[] divisions = [null, new(Model.Sizes.VocabSize, Model.Sizes.VocabSize / 2, scored / 2)];
        foreach (var parts in divisions)
        {
            var rows = Trainable(cut.Rows, [VocabularyCut.RowsOutput], wanted: [FragmentPorts.Hidden], sums: [], keep: false);
            var vocabulary = new VocabularyHead(parameters, cut, trains: weight is not null, parts);
            yield return (
                parts is null ? Head : "head in parts",
                new PartedHead(rows, cut.Rows.ParameterNames, vocabulary, weight, keep, parameters, pool));
        }

        yield return ("head of any graph", new ChunkedHead(
            keep => Trainable(whole, [FragmentPorts.TokenLogps], wanted: [FragmentPorts.Hidden], sums: [], keep),
            whole.ParameterNames, Model.Sizes.VocabSize, keep, parameters, pool));
    }

    TrainableFragment Trainable(Fragment fragment, string[] seeds, string[] wanted, string[] sums, bool keep) =>
        new(
            fragment, seeds, wanted,
            [.. fragment.ParameterNames.Where(n => trained.ContainsKey(n.Value)).Select(n => n.Key), .. sums],
            keep, parameters, trained, pool);
}
