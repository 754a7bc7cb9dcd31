using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OrtDpo.FakeCuda.Tests.Provider;

/// <summary>
/// An allocator for the device "Cuda", registered with ONNX Runtime's environment through the C API (onnxruntime_c_api.h): addresses out of
/// one block, each given once. It remembers what was asked of it.
/// </summary>
static unsafe class BlockAllocator
{
    // Places in OrtApi, which only ever grows at its end.
    const int GetErrorMessage = 2;
    const int CreateMemoryInfo = 68;
    const int RegisterAllocator = 176;

    // The first version whose OrtAllocator has Reserve. From 23 on it may have AllocOnStream, which is then asked in the place of Alloc.
    const uint ApiVersion = 18;

    const int BlockBytes = 32 * CudaDriver.Granularity;
    const int Alignment = 256;

    static readonly Dictionary<nint, long> Lent = [];

    static nint memoryInfo;
    static nint next;
    static nint end;

    /// <summary>Sizes that were asked for, in order.</summary>
    public static List<long> Requests { get; } = [];

    /// <summary>Bytes that were not given back.</summary>
    public static long LentBytes => Lent.Values.Sum();

    /// <summary>What is larger is refused.</summary>
    public static long Largest { get; set; } = long.MaxValue;

    /// <summary>Registers it once; later calls forget the requests.</summary>
    public static void Require()
    {
        Requests.Clear();
        Largest = long.MaxValue;
        if (memoryInfo == 0)
        {
            next = NewBlock();
            end = next + BlockBytes;
            Register(CudaSession.Env);
        }
    }

    static nint NewBlock()
    {
        CudaRuntime.Check(CudaDriver.cuInit(0));
        var address = CudaDriver.Reserve(BlockBytes);
        CudaRuntime.Check(CudaDriver.TryMap(address, BlockBytes, CudaDriver.Create(BlockBytes)));
        CudaRuntime.Check(CudaDriver.TryAllow(address, BlockBytes));
        return address;
    }

    static void Register(OrtEnv environment)
    {
        var library = NativeLibrary.Load("onnxruntime", typeof(OrtEnv).Assembly, searchPath: null);
        var apiBase = ((delegate* unmanaged[Cdecl]<nint*>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        var api = ((delegate* unmanaged[Cdecl]<uint, nint*>)apiBase[0])(ApiVersion);
        nint info;
        fixed (byte* name = "Cuda"u8)
        {
            const int DeviceAllocator = 0, DeviceId = 0, DefaultMemory = 0;
            Check(api, ((delegate* unmanaged[Cdecl]<byte*, int, int, int, nint*, nint>)api[CreateMemoryInfo])(
                name, DeviceAllocator, DeviceId, DefaultMemory, &info));
        }

        memoryInfo = info;
        var allocator = (OrtAllocator*)NativeMemory.AllocZeroed((nuint)sizeof(OrtAllocator));
        allocator->Version = ApiVersion;
        allocator->Alloc = &Alloc;
        allocator->Free = &Free;
        allocator->Info = &Info;
        allocator->Reserve = &Alloc;
        Check(api, ((delegate* unmanaged[Cdecl]<nint, OrtAllocator*, nint>)api[RegisterAllocator])(
            environment.DangerousGetHandle(), allocator));
    }

    static void Check(nint* api, nint status) => Assert.True(
        status == 0,
        status == 0 ? "" : Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<nint, byte*>)api[GetErrorMessage])(status)));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void* Alloc(OrtAllocator* self, nuint bytes)
    {
        var size = (long)bytes;
        Requests.Add(size);
        if (size == 0 || size > Largest || size > end - next)
        {
            return null;
        }

        var address = next;
        next += (nint)((size + Alignment - 1) / Alignment * Alignment);
        Lent.Add(address, size);
        return (void*)address;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void Free(OrtAllocator* self, void* address) => Lent.Remove((nint)address);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static nint Info(OrtAllocator* self) => memoryInfo;

    // onnxruntime_c_api.h's struct of this name.
    [StructLayout(LayoutKind.Sequential)]
    struct OrtAllocator
    {
        public uint Version;
        public delegate* unmanaged[Cdecl]<OrtAllocator*, nuint, void*> Alloc;
        public delegate* unmanaged[Cdecl]<OrtAllocator*, void*, void> Free;
        public delegate* unmanaged[Cdecl]<OrtAllocator*, nint> Info;
        public delegate* unmanaged[Cdecl]<OrtAllocator*, nuint, void*> Reserve;
        public nint GetStats;
        public nint AllocOnStream;
        public nint Shrink;
    }
}
