using OrtDpo.Batches;
using OrtDpo.Runtime.Devices;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.CudaEngine.Tests;

/// <summary>What a GPU is too old for, as its compute capability says.</summary>
public sealed class CudaCapabilityTests
{
    [Fact]
    public void A_gpu_before_ampere_computes_in_float32_alone()
    {
        CudaOptions.Require();
        // A device is opened once for the process: the first one of all other tests is of 9.0.
        FakeCudaDevice.SetDevices(2);
        FakeCudaDevice.SetSm(75);
        var turing = new ChosenDevice(Device.Cuda(1), WhyNot: null);
        Assert.Same(turing, turing.Computing(ComputeDtype.Float32));
        var error = Assert.Throws<NotSupportedException>(() => turing.Computing(ComputeDtype.BFloat16));
        Assert.Equal(
            "cuda:1 is a FakeCuda of compute capability 7.5, which computes in float32 and not in bfloat16, and what is asked for "
            + "(by `Dtype`, or by the cache) is bfloat16. Choose another `Device`, or run every stage in float32.",
            error.Message);
        var ampere = new ChosenDevice(CudaOptions.Require().Device, WhyNot: null);
        Assert.Same(ampere, ampere.Computing(ComputeDtype.BFloat16));
    }
}
