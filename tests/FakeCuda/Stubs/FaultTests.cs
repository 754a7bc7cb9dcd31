using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.FakeCuda.Tests.Provider;
using OrtDpo.Testing.FakeCuda;
using static OrtDpo.FakeCuda.Tests.Provider.CudaRuntime;

namespace OrtDpo.FakeCuda.Tests.Stubs;

public sealed class FaultTests
{
    public FaultTests() => FakeCudaDevice.Require();

    [Fact]
    public void Without_a_device_nothing_works_and_the_runtime_says_so()
    {
        FakeCudaDevice.SetDevices(0);
        Assert.Equal(NoDevice, cudaGetDeviceCount(out var count));
        Assert.Equal(0, count);
        Assert.Equal(NoDevice, cudaSetDevice(0));
        Assert.Equal(NoDevice, cudaMalloc(out _, 1));
        Assert.Equal(NoDevice, CudaDriver.cuInit(0));
        Assert.Equal("no CUDA-capable device is detected", Marshal.PtrToStringUTF8(cudaGetErrorString(NoDevice)));
    }

    [Fact]
    public void A_driver_that_is_too_old_says_its_version_and_nothing_else()
    {
        FakeCudaDevice.SetDriver(12080);
        Assert.Equal(InsufficientDriver, cudaGetDeviceCount(out _));
        Assert.Equal(InsufficientDriver, cudaSetDevice(0));
        Check(cudaDriverGetVersion(out var driver));
        Check(cudaRuntimeGetVersion(out var runtime));
        Assert.Equal((12080, 13000), (driver, runtime));
        Check(CudaDriver.cuInit(0));
        Check(CudaDriver.cuDeviceGet(out _, 0));
    }

    [Fact]
    public void Several_devices_are_selected_by_number()
    {
        FakeCudaDevice.SetDevices(2);
        Check(cudaGetDeviceCount(out var count));
        Assert.Equal(2, count);
        Check(cudaSetDevice(1));
        Assert.NotEqual(Success, cudaSetDevice(2));
        Check(cudaSetDevice(0));
    }

    [Fact]
    public void The_compute_capability_is_what_a_test_sets()
    {
        const int Major = 75, Minor = 76;
        FakeCudaDevice.SetSm(86);
        Check(cudaDeviceGetAttribute(out var major, Major, 0));
        Check(cudaDeviceGetAttribute(out var minor, Minor, 0));
        Assert.Equal((8, 6), (major, minor));
    }

    [Theory]
    [InlineData("no CUDA-capable device is detected")]
    [InlineData("CUDA driver version is insufficient for CUDA runtime version")]
    public void The_provider_passes_the_reason_on(string reason)
    {
        var model = SmallModel.Bytes;
        var stream = NewStream();
        if (reason.StartsWith("no", StringComparison.Ordinal))
        {
            FakeCudaDevice.SetDevices(0);
        }
        else
        {
            FakeCudaDevice.SetDriver(12080);
        }

        var refusal = Assert.Throws<OnnxRuntimeException>(() => CudaSession.Open(model, stream).Dispose());
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        FakeCudaDevice.Require();
        Check(cudaStreamDestroy(stream));
    }
}
