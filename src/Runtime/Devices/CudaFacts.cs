using OrtDpo.Runtime.Devices.Cuda;

namespace OrtDpo.Runtime.Devices;

/// <summary>The GPUs of a machine, as far as ONNX Runtime's CUDA provider could use them.</summary>
/// <param name="Devices">Those that open; nothing ran on them.</param>
/// <param name="WhyNot">Why another does not, or none is there; null: all do.</param>
public sealed record CudaFacts(IReadOnlyList<CudaFact> Devices, string? WhyNot)
{
    /// <summary>Opens every one, which then belong to the process.</summary>
    public static CudaFacts Read()
    {
        var found = new List<CudaFact>();
        try
        {
            for (var (i, count) = (0, CudaDevice.Count()); i < count; i++)
            {
                var device = (CudaDevice)Device.Cuda(i);
                var (major, minor) = device.Capability;
                found.Add(new CudaFact(
                    device.Name, device.Model, FormattableString.Invariant($"{major}.{minor}"), device.FreeBytes() ?? 0));
            }

            return new CudaFacts(found, WhyNot: null);
        }
        catch (NotSupportedException exception)
        {
            return new CudaFacts(found, exception.Message);
        }
    }
}

/// <summary>A GPU.</summary>
/// <param name="Name">Its name, as people choose it.</param>
/// <param name="Model">What its maker calls it.</param>
/// <param name="Capability">Its compute capability.</param>
/// <param name="FreeBytes">Bytes of its memory that nobody uses.</param>
public sealed record CudaFact(string Name, string Model, string Capability, long FreeBytes);
