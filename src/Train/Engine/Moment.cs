using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Engine;

/// <summary>One of AdamW's two moments of a parameter: float32, or <see cref="MomentCodes"/> with a scale for each block.</summary>
sealed class Moment : IDisposable
{
    /// <summary>
    /// Tensors of fewer elements keep float32: norms and biases are no memory, and their blocks would mix what is unlike.
    /// </summary>
    const int LeastCoded = 4_096;

    /// <summary>What the name of codes ends in.</summary>
    public const string Codes = ".codes";

    readonly string name;

    Moment(string name, DeviceTensor values, DeviceTensor? scales)
    {
        this.name = name;
        Values = values;
        Scales = scales;
    }

    /// <summary>The elements, or their codes: of the parameter's shape.</summary>
    public DeviceTensor Values { get; }

    /// <summary>The codes' scales, float32 <c>[blocks]</c>; null where the elements are float32.</summary>
    public DeviceTensor? Scales { get; }

    /// <summary>The tensors that a checkpoint has, by name.</summary>
    public IReadOnlyList<(string Name, DeviceTensor Tensor)> Parts =>
        Scales is null ? [(name, Values)] : [(name + Codes, Values), (name + ".scales", Scales)];

    /// <summary>A moment that is zero.</summary>
    /// <param name="name">Its name in checkpoints.</param>
    /// <param name="weight">What it is a moment of.</param>
    /// <param name="codes">The type of its codes, where it has them.</param>
    /// <param name="optimizer">Whether a large tensor has them.</param>
    /// <param name="pool">Where it lies.</param>
    public static Moment Zero(string name, DeviceTensor weight, DataType codes, Optimizer optimizer, MemoryPool pool)
    {
        var isCoded = optimizer == Optimizer.AdamW8Bit && weight.Elements >= LeastCoded;
        return new Moment(
            name,
            DeviceTensor.Zeros(pool, MemoryPurpose.Moments, isCoded ? codes : DataType.Float32, weight.Shape),
            isCoded ? DeviceTensor.Zeros(pool, MemoryPurpose.Moments, DataType.Float32, MomentCodes.Blocks(weight.Elements)) : null);
    }

    public void Dispose()
    {
        Values.Dispose();
        Scales?.Dispose();
    }
}
