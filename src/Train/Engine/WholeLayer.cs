using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Engine;

/// <summary>Layers that run as one graph.</summary>
/// <param name="sessions">Makes the sessions of a graph: seeds, wanted inputs, further inputs whose gradients add up, keep.</param>
/// <param name="like">One of the layers.</param>
sealed class WholeLayer(Func<Fragment, string[], string[], string[], bool, TrainableFragment> sessions, Fragment like) : ITrainableLayer
{
    readonly Lazy<TrainableFragment> keeping = new(() => Sessions(sessions, like, keep: true));
    readonly Lazy<TrainableFragment> recomputing = new(() => Sessions(sessions, like, keep: false));

    public (DeviceTensor Hidden, LayerTape Tape) Forward(
        Fragment layer, Dictionary<string, DeviceTensor> inputs, AttentionRows? rows, bool keep)
    {
        var fragment = keep ? keeping.Value : recomputing.Value;
        var outputs = fragment.Forward(layer.ParameterNames, inputs);
        return (outputs[FragmentPorts.HiddenOut],
            new LayerTape(inputs[FragmentPorts.Hidden], keep ? fragment.SavedOf(outputs) : null));
    }

    public DeviceTensor Backward(
        Fragment layer, Dictionary<string, DeviceTensor> inputs, AttentionRows? rows, LayerTape tape, DeviceTensor gradHidden)
    {
        var feeds = new Dictionary<string, DeviceTensor>(inputs, StringComparer.Ordinal)
        {
            [FragmentPorts.Hidden] = tape.Hidden,
            [FragmentGradient.Gradient(FragmentPorts.HiddenOut)] = gradHidden,
        };
        foreach (var (name, tensor) in tape.Saved ?? new Dictionary<string, DeviceTensor>())
        {
            feeds[name] = tensor;
        }

        var outputs = (tape.Saved is null ? recomputing : keeping).Value.Backward(layer.ParameterNames, feeds);
        tape.Saved?.DisposeAll();
        tape.Hidden.Dispose();
        gradHidden.Dispose();
        return outputs[FragmentGradient.Gradient(FragmentPorts.Hidden)];
    }

    public void Dispose()
    {
        foreach (var fragment in new[] { keeping, recomputing }.Where(f => f.IsValueCreated))
        {
            fragment.Value.Dispose();
        }
    }

    static TrainableFragment Sessions(
        Func<Fragment, string[], string[], string[], bool, TrainableFragment> sessions, Fragment like, bool keep) =>
        sessions(like, [FragmentPorts.HiddenOut], [FragmentPorts.Hidden], [], keep);
}
