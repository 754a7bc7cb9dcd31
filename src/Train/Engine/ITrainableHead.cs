using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Train.Engine;

/// <summary>A model's head with its gradient: of a product with the vocabulary, or of any graph.</summary>
interface ITrainableHead : IDisposable
{
    /// <summary><c>[R, T]</c> log-probabilities of the completion tokens. What the backward needs is kept until it runs.</summary>
    float[] Forward(BatchTensors batch, DeviceTensor hidden);

    /// <summary>
    /// The gradient of the hidden states of the last <see cref="Forward"/>, zero but for the positions that predict completion tokens.
    /// </summary>
    DeviceTensor Backward(BatchTensors batch, DeviceTensor hidden, float[] gradTokenLogps);
}
