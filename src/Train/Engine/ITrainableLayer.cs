using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Engine;

/// <summary>The sessions of layers that are alike: run whole, or around attention in chunks.</summary>
interface ITrainableLayer : IDisposable
{
    /// <summary>Runs a layer forward.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">What it reads, <c>hidden</c> among it.</param>
    /// <param name="rows">The batch's rows, where attention runs in chunks.</param>
    /// <param name="keep">Keep what is expensive to compute again.</param>
    /// <returns>Its hidden states, and what the backward needs, the inputs among it.</returns>
    (DeviceTensor Hidden, LayerTape Tape) Forward(
        Fragment layer, Dictionary<string, DeviceTensor> inputs, AttentionRows? rows, bool keep);

    /// <summary>The gradient of the layer's input; its parameters' are added to theirs. Gives tape and incoming gradient back.</summary>
    DeviceTensor Backward(
        Fragment layer, Dictionary<string, DeviceTensor> inputs, AttentionRows? rows, LayerTape tape, DeviceTensor gradHidden);
}
