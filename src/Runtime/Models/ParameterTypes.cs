using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models;

namespace OrtDpo.Runtime.Models;

/// <summary>The types in which a model's parameters are read and held.</summary>
/// <param name="folder">The model.</param>
/// <param name="compute">The type that graphs compute in.</param>
/// <param name="isHost">Whether the device is the host.</param>
sealed class ParameterTypes(ModelFolder folder, DataType compute, bool isHost)
{
    /// <summary>
    /// The type that graphs read a parameter in. Those that compute in 16 bits read some in float32 all the same: vectors, which are small
    /// and move in steps of their type (the scales of norms), and an adapter's matrices, whose products are rounded in the graph.
    /// </summary>
    public DataType Read(string name) =>
        compute == DataType.Float32 || folder.Find(name)!.Shape.Length < 2 || LowRankTerm.IsFactor(name) ? DataType.Float32 : compute;

    /// <summary>
    /// The type of a copy of a parameter. On a device that computes in float32 frozen weights keep the type of the file, and are widened
    /// where they are read.
    /// </summary>
    public DataType Held(string name) => isHost || folder.Trains(name) ? DataType.Float32
        : compute == DataType.Float32 ? StoredTensor.TypeOf(folder.Find(name)!)
        : Read(name);
}
