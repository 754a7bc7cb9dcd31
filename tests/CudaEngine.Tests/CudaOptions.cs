using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Devices.Cuda;
using OrtDpo.Testing.FakeCuda;
using OrtDpo.Train.Engine;

namespace OrtDpo.CudaEngine.Tests;

/// <summary>An engine on the stub device.</summary>
static class CudaOptions
{
    /// <summary>Threads of ONNX Runtime in this process.</summary>
    public const int Threads = 2;

    /// <summary>
    /// Where a test begins: counters at 0, operations on another stream than the device's are foreign. Skips the test where the stubs
    /// cannot be.
    /// </summary>
    public static EngineOptions Require()
    {
        FakeCudaDevice.Require();
        // Whatever else this machine has.
        Environment.SetEnvironmentVariable("ORTDPO_CUDA", FakeCudaLibraries.Folder);
        // The stubs compute nothing: what a stage asks of a device first would come out wrong, and be refused.
        DeviceTrial.ChecksNumbers = false;
        var device = (CudaDevice)Device.Cuda(0);
        FakeCudaDevice.AllowStream(device.Stream);
        FakeCudaDevice.Reset();
        return new EngineOptions { Threads = Threads, Device = device };
    }
}
