using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Train.Engine;

/// <summary>
/// A model up to its head with its gradient: <c>embed</c> and the layers one after the other, and back down to the first that has anything
/// to train.
/// </summary>
sealed class TrainableBody : IDisposable
{
    readonly Func<Fragment, string[], string[], string[], bool, TrainableFragment> sessions;
    readonly ModelParameters parameters;
    readonly MemoryPool pool;
    readonly Fragment embed;
    readonly IReadOnlyList<Fragment> layers;
    readonly ChunkedModel? chunked;
    readonly Dictionary<OnnxGraph, TrainableFragment> embedSessions = [];
    readonly Dictionary<OnnxGraph, ITrainableLayer> wholeLayers;
    readonly Dictionary<OnnxGraph, ITrainableLayer> chunkedLayers = [];
    readonly int firstKept;
    // The first layer with anything that trains: −1 the embedding, and the number of layers where only the head has.
    readonly int firstTrained;

    /// <param name="sessions">Makes the sessions of a graph: seeds, wanted inputs, further inputs whose gradients add up, keep.</param>
    /// <param name="parameters">The model's parameters, which outlive this.</param>
    /// <param name="options">Which layers keep their activations, and what attention's scores take at most.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    public TrainableBody(
        Func<Fragment, string[], string[], string[], bool, TrainableFragment> sessions, ModelParameters parameters, EngineOptions options,
        MemoryPool pool)
    {
        this.sessions = sessions;
        this.parameters = parameters;
        this.pool = pool;
        embed = parameters.Embedding(parameters.Model.Embed());
        layers = parameters.Model.Layers();
        firstTrained = Trains(embed) ? -1
            : layers.Index().Where(l => Trains(l.Item)).Select(l => l.Index).DefaultIfEmpty(layers.Count).First();
        chunked = ChunkedModel.Of(parameters.Model, embed, layers, options.ScoreBytes, parameters.Compute);
        // The last layers come first in the backward: what they keep is free again when others are recomputed.
        firstKept = layers.Count - Math.Clamp(options.KeptLayers ?? layers.Count, 0, layers.Count);
        wholeLayers = layers.DistinctBy(l => l.Graph).ToDictionary(l => l.Graph, ITrainableLayer (l) => new WholeLayer(sessions, l));
        if (chunked is not null)
        {
            chunkedLayers = chunked.Layers.ToDictionary(
                l => l.Key, ITrainableLayer (l) => new ChunkedLayer(sessions, l.Value.Cut, l.Value.Attention, parameters, pool));
        }
    }

    /// <summary>Whether all layers keep their activations.</summary>
    public bool KeepsAll => firstKept == 0;

    /// <summary>Runs a batch forward; <see cref="Backward"/> takes what it leaves, and the caller disposes it.</summary>
    public BodyTape Forward(PackedBatch batch, BatchTensors tensors)
    {
        var rows = chunked?.Rows(tensors.Inputs[FragmentPorts.PositionIds], batch.SegmentIds, pool);
        var first = Embed(rows);
        var inputs = new Dictionary<string, DeviceTensor>(tensors.Inputs.Concat(parameters.Tables), StringComparer.Ordinal);
        var looked = parameters.EmbeddedRows(batch.InputIds, [batch.Rows, batch.Width], pool);
        if (looked is not null)
        {
            inputs.Add(EmbeddingCut.Rows, looked);
        }

        var shared = EmbedSessions(first).Forward(first.ParameterNames, inputs);
        var saved = EmbedSessions(first).SavedOf(shared);
        shared.Remove(FragmentPorts.Hidden, out var hidden);
        var layerInputs = new Dictionary<string, DeviceTensor>(inputs.Concat(shared), StringComparer.Ordinal);
        var tapes = new Stack<LayerTape>();
        foreach (var (i, layer) in layers.Index())
        {
            // The backward begins with the last two, which are there.
            using var entered = parameters.Enter(i, i + 1 < layers.Count ? i + 1 : null);
            layerInputs[FragmentPorts.Hidden] = hidden!;
            (hidden, var tape) = Layer(layer, rows).Forward(layer, layerInputs, rows, keep: i >= firstKept && i >= firstTrained);
            if (i >= firstTrained)
            {
                tapes.Push(tape);
            }
            else
            {
                tape.Hidden.Dispose();
            }
        }

        return new BodyTape(hidden!, tapes)
        {
            Inputs = inputs,
            Embedding = saved,
            Shared = shared,
            LayerInputs = layerInputs,
            Rows = rows,
            Looked = looked,
        };
    }

    /// <summary>Adds the gradients of parameters to theirs. Gives back the gradient, and what the forward left.</summary>
    /// <param name="tape">What the forward left.</param>
    /// <param name="gradHidden">The gradient of its hidden states.</param>
    public void Backward(BodyTape tape, DeviceTensor gradHidden)
    {
        tape.Hidden.Dispose();
        foreach (var (i, layer) in layers.Index().Skip(firstTrained).Reverse())
        {
            // Past the last one, the next batch begins.
            using var entered = parameters.Enter(i, i > Math.Max(firstTrained, 0) ? i - 1 : 0);
            gradHidden = Layer(layer, tape.Rows).Backward(layer, tape.LayerInputs, tape.Rows, tape.Layers.Pop(), gradHidden);
        }

        if (firstTrained < 0)
        {
            var first = Embed(tape.Rows);
            EmbedSessions(first).Backward(
                first.ParameterNames,
                new(tape.Inputs.Concat(tape.Embedding), StringComparer.Ordinal)
                {
                    [FragmentGradient.Gradient(FragmentPorts.Hidden)] = gradHidden,
                }).DisposeAll();
        }

        gradHidden.Dispose();
        tape.Shared.DisposeAll();
    }

    public void Dispose()
    {
        foreach (var part in wholeLayers.Values.Concat<IDisposable>(chunkedLayers.Values).Concat(embedSessions.Values))
        {
            part.Dispose();
        }

        chunked?.Dispose();
    }

    bool Trains(Fragment fragment) => fragment.ParameterNames.Values.Any(parameters.Trains);

    Fragment Embed(AttentionRows? rows) => rows is null ? embed : chunked!.Embed;

    ITrainableLayer Layer(Fragment layer, AttentionRows? rows) => (rows is null ? wholeLayers : chunkedLayers)[layer.Graph];

    TrainableFragment EmbedSessions(Fragment fragment)
    {
        if (!embedSessions.TryGetValue(fragment.Graph, out var own))
        {
            embedSessions.Add(fragment.Graph, own = sessions(fragment, [FragmentPorts.Hidden], [], [], KeepsAll));
        }

        return own;
    }
}
