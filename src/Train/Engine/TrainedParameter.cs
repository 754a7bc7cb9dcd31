using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Training;

namespace OrtDpo.Train.Engine;

/// <summary>
/// A parameter that trains: its weight, the accumulated gradient, both float32, and AdamW's two moments; in a device's memory.
/// </summary>
/// <param name="name">The parameter's name.</param>
/// <param name="weight">Owned by the model's parameters.</param>
/// <param name="pool">Where gradient and moments lie.</param>
/// <param name="optimizer">What the moments are stored in.</param>
/// <param name="copy">What graphs read of it, in another type, owned by the model's parameters; null: the weight itself.</param>
sealed class TrainedParameter(
    string name, DeviceTensor weight, MemoryPool pool, Optimizer optimizer = Optimizer.AdamW, DeviceTensor? copy = null) : IDisposable
{
    public string Name { get; } = name;

    public DeviceTensor Weight { get; } = weight;

    /// <summary>Whether it has one dimension, as biases and norms have, and matrices of adapters have not.</summary>
    public bool IsVector { get; } = weight.Shape.Length < 2;

    /// <summary>What graphs read of the weight, in the type that they compute in; null: the weight itself.</summary>
    public DeviceTensor? Copy { get; } = copy;

    public DeviceTensor Gradient { get; } = DeviceTensor.Zeros(pool, MemoryPurpose.Gradients, DataType.Float32, weight.Shape);

    public Moment FirstMoment { get; } = Moment.Zero($"{name}.{EngineFiles.FirstMoment}", weight, DataType.Int8, optimizer, pool);

    public Moment SecondMoment { get; } = Moment.Zero($"{name}.{EngineFiles.SecondMoment}", weight, DataType.UInt8, optimizer, pool);

    public bool HasCodes => FirstMoment.Scales is not null;

    public void Dispose()
    {
        Gradient.Dispose();
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
