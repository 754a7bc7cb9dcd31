using System.Runtime.InteropServices;

namespace OrtDpo.FakeCuda.Tests.Provider;

/// <summary>The functions of the CUDA runtime that the tests call, by their own names.</summary>
static partial class CudaRuntime
{
    public const int Success = 0;
    public const int InvalidValue = 1;
    public const int MemoryAllocation = 2;
    public const int InvalidCopyDirection = 21;
    public const int InsufficientDriver = 35;
    public const int NoDevice = 100;
    public const int InvalidHandle = 400;

    public const int HostToDevice = 1;
    public const int DeviceToHost = 2;
    public const int DeviceToDevice = 3;

    const string Library = "libcudart.so.13";

    /// <summary>A new stream that does not wait for the legacy one.</summary>
    public static nint NewStream()
    {
        const int NonBlocking = 1;
        Check(cudaStreamCreateWithFlags(out var stream, NonBlocking));
        return stream;
    }

    /// <summary>New device memory, all zeros.</summary>
    public static nint Allocate(long bytes)
    {
        Check(cudaMalloc(out var address, (nuint)bytes));
        return address;
    }

    public static void Check(int error) =>
        Assert.True(error == Success, $"CUDA says {Marshal.PtrToStringUTF8(cudaGetErrorString(error))}.");

    [LibraryImport(Library)]
    public static partial int cudaGetDeviceCount(out int count);

    [LibraryImport(Library)]
    public static partial int cudaSetDevice(int device);

    [LibraryImport(Library)]
    public static partial int cudaDeviceGetAttribute(out int value, int attribute, int device);

    [LibraryImport(Library)]
    public static partial int cudaDriverGetVersion(out int version);

    [LibraryImport(Library)]
    public static partial int cudaRuntimeGetVersion(out int version);

    [LibraryImport(Library)]
    public static partial int cudaMemGetInfo(out nuint available, out nuint total);

    [LibraryImport(Library)]
    public static partial int cudaMalloc(out nint address, nuint bytes);

    [LibraryImport(Library)]
    public static partial int cudaFree(nint address);

    [LibraryImport(Library)]
    public static partial int cudaHostAlloc(out nint address, nuint bytes, uint flags);

    [LibraryImport(Library)]
    public static partial int cudaFreeHost(nint address);

    [LibraryImport(Library)]
    public static partial int cudaHostRegister(nint address, nuint bytes, uint flags);

    [LibraryImport(Library)]
    public static partial int cudaHostUnregister(nint address);

    [LibraryImport(Library)]
    public static partial int cudaMemcpy(nint to, nint from, nuint bytes, int direction);

    [LibraryImport(Library)]
    public static partial int cudaMemcpyAsync(nint to, nint from, nuint bytes, int direction, nint stream);

    [LibraryImport(Library)]
    public static partial int cudaMemsetAsync(nint to, int value, nuint bytes, nint stream);

    [LibraryImport(Library)]
    public static partial int cudaStreamCreateWithFlags(out nint stream, uint flags);

    [LibraryImport(Library)]
    public static partial int cudaStreamDestroy(nint stream);

    [LibraryImport(Library)]
    public static partial int cudaStreamSynchronize(nint stream);

    [LibraryImport(Library)]
    public static partial int cudaStreamWaitEvent(nint stream, nint whatHappens, uint flags);

    [LibraryImport(Library)]
    public static partial int cudaEventCreateWithFlags(out nint whatHappens, uint flags);

    [LibraryImport(Library)]
    public static partial int cudaEventRecord(nint whatHappens, nint stream);

    [LibraryImport(Library)]
    public static partial int cudaEventQuery(nint whatHappens);

    [LibraryImport(Library)]
    public static partial int cudaEventSynchronize(nint whatHappens);

    [LibraryImport(Library)]
    public static partial int cudaEventDestroy(nint whatHappens);

    [LibraryImport(Library)]
    public static partial nint cudaGetErrorString(int error);

    [LibraryImport(Library)]
    public static partial int cudaGetLastError();
}
