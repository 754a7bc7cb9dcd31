using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Quantized;

namespace OrtDpo.Runtime.Streaming;

/// <summary>A layer's weights where they lie in a slot.</summary>
/// <param name="Tensors">Those that graphs read as they lie there, by their parameters' names.</param>
/// <param name="Quantized">Those in 4 bits, likewise.</param>
sealed record LayerView(
    IReadOnlyDictionary<string, DeviceTensor> Tensors, IReadOnlyDictionary<string, DeviceQuantizedWeight> Quantized) : IDisposable
{
    public void Dispose()
    {
        Tensors.DisposeAll();
        foreach (var weight in Quantized.Values)
        {
            weight.Dispose();
        }
    }
}
