using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Rows;

/// <summary>Adds rows into a matrix where row numbers repeat: the gradient of a gather. The same result in every run.</summary>
public abstract class RowAdder : IDisposable
{
    /// <summary>The one for the memory of a device.</summary>
    public static RowAdder Of(Device device) => device.IsHost ? new HostRowAdder() : new GraphRowAdder();

    /// <summary><c>target[indices[i]] += rows[i]</c>.</summary>
    /// <param name="target"><c>float32 [N, H]</c>, or <c>[…, H]</c> with N rows in all.</param>
    /// <param name="indices"><c>int64 [M]</c>, with any shape.</param>
    /// <param name="rows"><c>float32 [M, H]</c>, or <c>[…, H]</c> with M rows in all.</param>
    /// <param name="pool">Where it gets the memory that it needs.</param>
    public abstract void Add(DeviceTensor target, DeviceTensor indices, DeviceTensor rows, MemoryPool pool);

    public abstract void Dispose();
}
