using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Engine;

/// <summary>A parameter that trains: its weight, the accumulated gradient and AdamW's two moments, all float32 in native memory.</summary>
/// <param name="name">The parameter's name.</param>
/// <param name="weight">Owned by the model's parameters.</param>
/// <param name="pool">Where gradient and moments lie.</param>
sealed class TrainedParameter(string name, NativeTensor weight, MemoryPool pool) : IDisposable
{
    public string Name { get; } = name;

    public NativeTensor Weight { get; } = weight;

    public NativeTensor Gradient { get; } = NativeTensor.Zeros(pool, MemoryPurpose.Gradients, DataType.Float32, weight.Shape);

    public NativeTensor FirstMoment { get; } = NativeTensor.Zeros(pool, MemoryPurpose.Moments, DataType.Float32, weight.Shape);

    public NativeTensor SecondMoment { get; } = NativeTensor.Zeros(pool, MemoryPurpose.Moments, DataType.Float32, weight.Shape);

    public void Dispose()
    {
        Gradient.Dispose();
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
