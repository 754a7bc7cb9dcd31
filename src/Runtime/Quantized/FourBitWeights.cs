using OrtDpo.Autodiff.Building;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Streaming;

namespace OrtDpo.Runtime.Quantized;

/// <summary>A model's weights in 4 bits where they are held, and copies of them for whoever reads them next.</summary>
sealed class FourBitWeights : IDisposable
{
    readonly QuantizedBase weights;
    readonly DataType compute;
    readonly Dictionary<string, DeviceQuantizedWeight> onDevice = [];
    readonly DeviceDequantiser? dequantiser;
    readonly LayerStream? stream;

    /// <summary>Brings to the pool's device what does not stream.</summary>
    /// <param name="weights">The weights, quantised unless the pool is dry.</param>
    /// <param name="pool">Where they lie.</param>
    /// <param name="compute">The type of the copies.</param>
    /// <param name="stream">What streams; outlives this. Null: nothing.</param>
    public FourBitWeights(QuantizedBase weights, MemoryPool pool, DataType compute, LayerStream? stream)
    {
        this.weights = weights;
        this.compute = compute;
        this.stream = stream;
        if (pool.Device.IsHost)
        {
            var mapped = weights.Weights.Values.Sum(weight => weight.MappedBytes);
            pool.ChargeOutside(MemoryPurpose.WeightsMapped, mapped, isOwn: false);
            pool.ChargeOutside(MemoryPurpose.WeightsQuantized, weights.Bytes - mapped, isOwn: true);
            return;
        }

        dequantiser = new DeviceDequantiser(compute);
        onDevice = weights.Weights.Where(weight => stream?.Has(weight.Key) != true).ToDictionary(
            weight => weight.Key, weight => DeviceQuantizedWeight.Of(weight.Value, pool), StringComparer.Ordinal);
    }

    /// <summary>Whether a parameter is among them.</summary>
    public bool Has(string name) => weights.Find(name) is not null;

    /// <summary>Copies of parameters; the caller disposes them.</summary>
    /// <param name="parameters">Their names and shapes.</param>
    /// <param name="pool">Where the copies lie.</param>
    public Dictionary<string, DeviceTensor> Copies(IEnumerable<(string Name, long[] Shape)> parameters, MemoryPool pool)
    {
        var copies = parameters.ToDictionary(
            p => p.Name, p => DeviceTensor.Rent(pool, MemoryPurpose.WeightsConverted, compute, p.Shape), StringComparer.Ordinal);
        if (dequantiser is not null)
        {
            foreach (var (name, copy) in copies)
            {
                dequantiser.Make(onDevice.GetValueOrDefault(name) ?? stream!.Quantized(name), copy, pool);
            }
        }
        else if (!pool.IsDry)
        {
            HostDequantiser.Make([.. copies.Select(copy => (weights.Find(copy.Key)!, ((HostTensor)copy.Value).Pointer))]);
        }

        return copies;
    }

    public void Dispose()
    {
        dequantiser?.Dispose();
        foreach (var weight in onDevice.Values)
        {
            weight.Dispose();
        }
    }
}
