using System.Runtime.InteropServices;

namespace OrtDpo.Runtime.Devices.Cuda;

/// <summary>
/// The functions of CUDA's runtime that ONNX Runtime's managed API does not offer (driver_types.h and cuda_runtime_api.h of CUDA 13), by
/// the library that was found, with its errors as exceptions.
/// </summary>
sealed unsafe class CudaRuntime(nint library)
{
    // cudaError_t.
    const int OutOfMemory = 2, InsufficientDriver = 35, NoDevice = 100;

    // cudaMemcpyKind: the direction follows from the addresses.
    const int CopyDefault = 4;

    const int NonBlocking = 1;
    const int DisableTiming = 2;

    // cudaDeviceAttr.
    const int CapabilityMajor = 75, CapabilityMinor = 76;

    readonly delegate* unmanaged<int*, int> getDeviceCount = (delegate* unmanaged<int*, int>)Export(library, "cudaGetDeviceCount");
    readonly delegate* unmanaged<int*, int> driverVersion = (delegate* unmanaged<int*, int>)Export(library, "cudaDriverGetVersion");
    readonly delegate* unmanaged<int, int> setDevice = (delegate* unmanaged<int, int>)Export(library, "cudaSetDevice");
    readonly delegate* unmanaged<byte*, int, int> properties =
        (delegate* unmanaged<byte*, int, int>)Export(library, "cudaGetDeviceProperties");
    readonly delegate* unmanaged<int*, int, int, int> attribute =
        (delegate* unmanaged<int*, int, int, int>)Export(library, "cudaDeviceGetAttribute");
    readonly delegate* unmanaged<nuint*, nuint*, int> memory = (delegate* unmanaged<nuint*, nuint*, int>)Export(library, "cudaMemGetInfo");
    readonly delegate* unmanaged<void**, nuint, uint, int> hostAlloc =
        (delegate* unmanaged<void**, nuint, uint, int>)Export(library, "cudaHostAlloc");
    readonly delegate* unmanaged<nint, int> freeHost = (delegate* unmanaged<nint, int>)Export(library, "cudaFreeHost");
    readonly delegate* unmanaged<nint, nint, nuint, int, nint, int> copy =
        (delegate* unmanaged<nint, nint, nuint, int, nint, int>)Export(library, "cudaMemcpyAsync");
    readonly delegate* unmanaged<nint, int, nuint, nint, int> set =
        (delegate* unmanaged<nint, int, nuint, nint, int>)Export(library, "cudaMemsetAsync");
    readonly delegate* unmanaged<nint*, uint, int> createStream =
        (delegate* unmanaged<nint*, uint, int>)Export(library, "cudaStreamCreateWithFlags");
    readonly delegate* unmanaged<nint, int> synchronizeStream = (delegate* unmanaged<nint, int>)Export(library, "cudaStreamSynchronize");
    readonly delegate* unmanaged<nint*, uint, int> createEvent =
        (delegate* unmanaged<nint*, uint, int>)Export(library, "cudaEventCreateWithFlags");
    readonly delegate* unmanaged<nint, nint, int> recordEvent = (delegate* unmanaged<nint, nint, int>)Export(library, "cudaEventRecord");
    readonly delegate* unmanaged<nint, int> synchronizeEvent = (delegate* unmanaged<nint, int>)Export(library, "cudaEventSynchronize");
    readonly delegate* unmanaged<nint, nint, uint, int> streamWaitEvent =
        (delegate* unmanaged<nint, nint, uint, int>)Export(library, "cudaStreamWaitEvent");
    readonly delegate* unmanaged<nint, int> destroyEvent = (delegate* unmanaged<nint, int>)Export(library, "cudaEventDestroy");
    readonly delegate* unmanaged<nint, int> destroyStream = (delegate* unmanaged<nint, int>)Export(library, "cudaStreamDestroy");
    readonly delegate* unmanaged<int> peekError = (delegate* unmanaged<int>)Export(library, "cudaPeekAtLastError");
    readonly delegate* unmanaged<int> lastError = (delegate* unmanaged<int>)Export(library, "cudaGetLastError");
    readonly delegate* unmanaged<int, byte*> errorString = (delegate* unmanaged<int, byte*>)Export(library, "cudaGetErrorString");

    /// <summary>How many devices there are.</summary>
    /// <exception cref="NotSupportedException">None, or the driver is too old.</exception>
    public int DeviceCount()
    {
        int count, version;
        var error = getDeviceCount(&count);
        if (error == InsufficientDriver)
        {
            Check(driverVersion(&version), "cudaDriverGetVersion");
            throw new NotSupportedException(
                $"The NVIDIA driver is of CUDA {version / 1000}.{version % 1000 / 10}; "
                + $"expected CUDA {CudaLibraries.Version}, which is driver {CudaLibraries.LeastDriver} or later. Update the driver.");
        }

        if (error == NoDevice || (error == 0 && count == 0))
        {
            throw new NotSupportedException("The NVIDIA driver is here, and finds no CUDA device; CUDA_VISIBLE_DEVICES may hide them.");
        }

        Check(error, "cudaGetDeviceCount");
        return count;
    }

    /// <summary>Makes a device the calling thread's.</summary>
    public void SetDevice(int device) => Check(setDevice(device), "cudaSetDevice");

    /// <summary>A device's name.</summary>
    public string NameOf(int device)
    {
        // A struct of some 1,100 bytes, which begins with 256 of the name; room for what later versions add.
        var bytes = stackalloc byte[4096];
        Check(properties(bytes, device), "cudaGetDeviceProperties");
        return Marshal.PtrToStringUTF8((nint)bytes)!;
    }

    /// <summary>A device's compute capability.</summary>
    public (int Major, int Minor) CapabilityOf(int device)
    {
        int major, minor;
        Check(attribute(&major, CapabilityMajor, device), "cudaDeviceGetAttribute");
        Check(attribute(&minor, CapabilityMinor, device), "cudaDeviceGetAttribute");
        return (major, minor);
    }

    /// <summary>Bytes of the thread's device that are free, and all.</summary>
    public (long Free, long Total) Memory()
    {
        nuint free, total;
        Check(memory(&free, &total), "cudaMemGetInfo");
        return ((long)free, (long)total);
    }

    /// <summary>Memory of the host's that the device reads and writes by itself.</summary>
    public nint AllocateHost(long bytes)
    {
        void* address;
        Check(hostAlloc(&address, (nuint)bytes, 0), "cudaHostAlloc");
        return (nint)address;
    }

    /// <summary>Gives back what <see cref="AllocateHost"/> gave.</summary>
    public void FreeHost(nint address) => Check(freeHost(address), "cudaFreeHost");

    /// <summary>Copies between host and device or within it, after all else in the stream.</summary>
    public void Copy(nint source, nint target, long bytes, nint stream) =>
        Check(copy(target, source, (nuint)bytes, CopyDefault, stream), "cudaMemcpyAsync");

    /// <summary>Sets bytes to zero, after all else in the stream.</summary>
    public void Clear(nint target, long bytes, nint stream) => Check(set(target, 0, (nuint)bytes, stream), "cudaMemsetAsync");

    /// <summary>A stream that does not wait for others.</summary>
    public nint CreateStream()
    {
        nint stream;
        Check(createStream(&stream, NonBlocking), "cudaStreamCreateWithFlags");
        return stream;
    }

    /// <summary>Waits until the stream is done.</summary>
    public void Synchronize(nint stream) => Check(synchronizeStream(stream), "cudaStreamSynchronize");

    public nint CreateEvent()
    {
        nint created;
        Check(createEvent(&created, DisableTiming), "cudaEventCreateWithFlags");
        return created;
    }

    /// <summary>Marks this place in the stream.</summary>
    public void Record(nint marked, nint stream) => Check(recordEvent(marked, stream), "cudaEventRecord");

    /// <summary>Waits until the stream is past the place that was marked last.</summary>
    public void Wait(nint marked) => Check(synchronizeEvent(marked), "cudaEventSynchronize");

    /// <summary>Has a stream wait until another is past the place that was marked last before this call.</summary>
    public void Await(nint marked, nint stream) => Check(streamWaitEvent(stream, marked, 0), "cudaStreamWaitEvent");

    public void DestroyEvent(nint created) => Check(destroyEvent(created), "cudaEventDestroy");

    public void DestroyStream(nint created) => Check(destroyStream(created), "cudaStreamDestroy");

    /// <summary>Forgets that there was no memory for a call of the calling thread, where that was its last error.</summary>
    public void ForgetShortage()
    {
        if (peekError() == OutOfMemory)
        {
            lastError();
        }
    }

    internal static nint Export(nint library, string function) => NativeLibrary.TryGetExport(library, function, out var address)
        ? address
        : throw new NotSupportedException(
            $"The CUDA library that was found has no function {function}; expected CUDA {CudaLibraries.Version}.");

    void Check(int error, string function)
    {
        if (error != 0)
        {
            // Else the provider finds the error after its next kernel, and takes it for its own.
            lastError();
            var text = $"{function}: {Marshal.PtrToStringUTF8((nint)errorString(error))} (CUDA error {error}).";
            throw error == OutOfMemory ? new InsufficientMemoryException(text) : new InvalidOperationException(text);
        }
    }
}
