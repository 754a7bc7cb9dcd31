using OrtDpo.Autodiff.Building;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Quantized;

/// <summary>A model's weights in 4 bits where they are held, and copies of them for whoever reads them next.</summary>
sealed class FourBitWeights : IDisposable
{
    readonly QuantizedBase weights;
    readonly DataType compute;
    readonly Dictionary<string, DeviceQuantizedWeight> onDevice = [];
    readonly DeviceDequantiser? dequantiser;

    /// <summary>Quantises what is not yet, and brings it to the pool's device.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="pool">Where they lie; a dry one has room for them alone.</param>
    /// <param name="compute">The type of the copies.</param>
    public FourBitWeights(QuantizedBase weights, MemoryPool pool, DataType compute)
    {
        this.weights = weights;
        this.compute = compute;
        if (!pool.IsDry)
        {
            weights.Prepare(Math.Max(1, OrtProcess.Threads));
        }

        if (pool.Device.IsHost)
        {
            var mapped = weights.Weights.Values.Sum(weight => weight.MappedBytes);
            pool.ChargeOutside(MemoryPurpose.WeightsMapped, mapped, isOwn: false);
            pool.ChargeOutside(MemoryPurpose.WeightsQuantized, weights.Bytes - mapped, isOwn: true);
            return;
        }

        dequantiser = new DeviceDequantiser(compute);
        onDevice = weights.Weights.ToDictionary(
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
                dequantiser.Make(onDevice[name], copy, pool);
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
