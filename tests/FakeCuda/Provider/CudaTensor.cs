using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.FakeCuda.Tests.Provider;

/// <summary>A tensor in device memory of its own, which is all zeros at first.</summary>
sealed class CudaTensor : IDisposable
{
    public CudaTensor(DataType type, params long[] shape)
    {
        var bytes = shape.Aggregate((long)type.Size(), (size, dim) => size * dim);
        Address = CudaRuntime.Allocate(bytes);
        using var memory = new OrtMemoryInfo("Cuda", OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
        Value = OrtValue.CreateTensorValueWithData(memory, (TensorElementType)(int)type, shape, Address, bytes);
    }

    public nint Address { get; }

    public OrtValue Value { get; }

    public void Dispose()
    {
        Value.Dispose();
        CudaRuntime.Check(CudaRuntime.cudaFree(Address));
    }
}
