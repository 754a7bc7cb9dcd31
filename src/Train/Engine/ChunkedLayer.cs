using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Train.Engine;

/// <summary>Layers that are cut around their attention, which runs in chunks.</summary>
/// <param name="sessions">Makes the sessions of a graph: seeds, wanted inputs, further inputs whose gradients add up, keep.</param>
/// <param name="cut">The cut of one of the layers.</param>
/// <param name="attention">Its attention; owned by who made it.</param>
/// <param name="parameters">The model's parameters, which outlive this.</param>
/// <param name="pool">Where tensors get their memory.</param>
sealed class ChunkedLayer(
    Func<Fragment, string[], string[], string[], bool, TrainableFragment> sessions, AttentionCut cut, ChunkedAttention attention,
    ModelParameters parameters, MemoryPool pool) : ITrainableLayer
{
    static readonly string[] Projected = [AttentionCut.Query, AttentionCut.Key, AttentionCut.Value];

    readonly Lazy<(TrainableFragment Before, TrainableFragment After)> keeping = new(() => Sessions(sessions, cut, keep: true));
    readonly Lazy<(TrainableFragment Before, TrainableFragment After)> recomputing = new(() => Sessions(sessions, cut, keep: false));

    public (DeviceTensor Hidden, LayerTape Tape) Forward(
        Fragment layer, Dictionary<string, DeviceTensor> inputs, AttentionRows? rows, bool keep)
    {
        var (before, after) = (keep ? keeping : recomputing).Value;
        var first = Read(layer, inputs, rows!, before);
        var outputs = after.Forward(AttentionCut.NamesOf(cut.After, layer), With(inputs, AttentionCut.Read, first.Read));
        var tape = new LayerTape(inputs[FragmentPorts.Hidden], keep ? after.SavedOf(outputs) : null) { Attention = keep ? first : null };
        if (!keep)
        {
            first.Projections.Dispose();
            first.Read.Dispose();
        }

        return (outputs[FragmentPorts.HiddenOut], tape);
    }

    public DeviceTensor Backward(
        Fragment layer, Dictionary<string, DeviceTensor> inputs, AttentionRows? rows, LayerTape tape, DeviceTensor gradHidden)
    {
        var (before, after) = (tape.Saved is null ? recomputing : keeping).Value;
        var own = With(inputs, FragmentPorts.Hidden, tape.Hidden);
        var (savedBefore, projections, read) = tape.Attention ?? Read(layer, own, rows!, before);

        var feeds = With(own, AttentionCut.Read, read);
        Add(feeds, tape.Saved);
        feeds[FragmentGradient.Gradient(FragmentPorts.HiddenOut)] = gradHidden;
        var gradients = after.Backward(AttentionCut.NamesOf(cut.After, layer), feeds);
        tape.Saved?.DisposeAll();
        read.Dispose();
        gradHidden.Dispose();

        Projections gradProjections;
        using (var gradRead = gradients[FragmentGradient.Gradient(AttentionCut.Read)])
        {
            gradProjections = attention.Backward(projections, gradRead, rows!, pool);
        }

        projections.Dispose();
        feeds = With(own, FragmentGradient.Gradient(AttentionCut.Query), gradProjections.Query);
        feeds[FragmentGradient.Gradient(AttentionCut.Key)] = gradProjections.Key;
        feeds[FragmentGradient.Gradient(AttentionCut.Value)] = gradProjections.Value;
        Add(feeds, savedBefore);
        // What comes through the residual is there already; what comes through attention is added to it.
        var total = parameters.Casts.ToSum(gradients[FragmentGradient.Gradient(FragmentPorts.Hidden)], MemoryPurpose.Activations, pool);
        before.Backward(
            AttentionCut.NamesOf(cut.Before, layer), feeds,
            new Dictionary<string, DeviceTensor>(StringComparer.Ordinal) { [FragmentPorts.Hidden] = total }).DisposeAll();
        savedBefore.DisposeAll();
        gradProjections.Dispose();
        tape.Hidden.Dispose();
        return parameters.Casts.ToCompute(total, MemoryPurpose.Activations, pool);
    }

    public void Dispose()
    {
        foreach (var (before, after) in new[] { keeping, recomputing }.Where(s => s.IsValueCreated).Select(s => s.Value))
        {
            before.Dispose();
            after.Dispose();
        }
    }

    (IReadOnlyDictionary<string, DeviceTensor> Saved, Projections Projections, DeviceTensor Read) Read(
        Fragment layer, Dictionary<string, DeviceTensor> inputs, AttentionRows rows, TrainableFragment before)
    {
        var outputs = before.Forward(AttentionCut.NamesOf(cut.Before, layer), inputs);
        var projections = Projections.Of(outputs);
        return (before.SavedOf(outputs), projections, attention.Forward(projections, rows, pool));
    }

    static (TrainableFragment, TrainableFragment) Sessions(
        Func<Fragment, string[], string[], string[], bool, TrainableFragment> sessions, AttentionCut cut, bool keep) =>
        (sessions(cut.Before, Projected, [], [FragmentPorts.Hidden], keep),
            sessions(cut.After, [FragmentPorts.HiddenOut], [FragmentPorts.Hidden, AttentionCut.Read], [], keep));

    static Dictionary<string, DeviceTensor> With(Dictionary<string, DeviceTensor> inputs, string name, DeviceTensor tensor) =>
        new(inputs, StringComparer.Ordinal) { [name] = tensor };

    static void Add(Dictionary<string, DeviceTensor> feeds, IReadOnlyDictionary<string, DeviceTensor>? more)
    {
        foreach (var (name, tensor) in more ?? new Dictionary<string, DeviceTensor>())
        {
            feeds[name] = tensor;
        }
    }
}
