using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Engine;

/// <summary>A parameter that trains: its weight, the accumulated gradient and AdamW's two moments, all float32 in native memory.</summary>
sealed class TrainedParameter(string name, NativeTensor weight) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>Owned by the model's parameters.</summary>
    public NativeTensor Weight { get; } = weight;

    public NativeTensor Gradient { get; } = NativeTensor.Zeros(DataType.Float32, weight.Shape);

    public NativeTensor FirstMoment { get; } = NativeTensor.Zeros(DataType.Float32, weight.Shape);

    public NativeTensor SecondMoment { get; } = NativeTensor.Zeros(DataType.Float32, weight.Shape);

    public void Dispose()
    {
        Gradient.Dispose();
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
