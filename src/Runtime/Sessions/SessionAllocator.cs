using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Sessions;

/// <summary>
/// Gives ONNX Runtime the memory of the pool that the running session belongs to (<see cref="MemoryPool.LendTo"/>), so that one ledger
/// knows all of it and free blocks serve both sides. Its own arena doubles as it grows, and keeps what it has. Registered through the C
/// API (onnxruntime_c_api.h), which the managed package does not cover here.
/// </summary>
static unsafe class SessionAllocator
{
    // Places in OrtApi, which only ever grows at its end.
    const int GetErrorMessage = 2;
    const int CreateMemoryInfo = 68;
    const int RegisterAllocator = 176;

    // The first version whose OrtAllocator has Reserve.
    const uint ApiVersion = 18;

    static nint memoryInfo;

    /// <summary>Registers it with <paramref name="environment"/>, for every session that uses the environment's allocators.</summary>
    public static void Register(OrtEnv environment)
    {
        var library = NativeLibrary.Load("onnxruntime", typeof(OrtEnv).Assembly, searchPath: null);
        var apiBase = ((delegate* unmanaged[Cdecl]<nint*>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        var api = ((delegate* unmanaged[Cdecl]<uint, nint*>)apiBase[0])(ApiVersion);
        nint info;
        fixed (byte* name = "Cpu"u8)
        {
            const int DeviceAllocator = 0, DefaultMemory = 0;
            Check(api, ((delegate* unmanaged[Cdecl]<byte*, int, int, int, nint*, nint>)api[CreateMemoryInfo])(
                name, DeviceAllocator, 0, DefaultMemory, &info));
        }

        // Lives as long as the environment, which is as long as the process.
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

    static void Check(nint* api, nint status)
    {
        if (status != 0)
        {
            throw new InvalidOperationException("ONNX Runtime does not take our allocator: "
                + Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<nint, byte*>)api[GetErrorMessage])(status)));
        }
    }

    // An exception must not pass into native code; without memory ONNX Runtime ends the run with an error of its own.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void* Alloc(OrtAllocator* self, nuint bytes)
    {
        if (bytes == 0)
        {
            return null;
        }

        try
        {
            return (long)bytes >= MemoryPool.LeastPlaced && MemoryPool.RentForSession((long)bytes) is not 0 and var address
                ? (void*)address
                : NativeMemory.AlignedAlloc(bytes, (nuint)AddressSpace.Alignment);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void Free(OrtAllocator* self, void* address)
    {
        if (address is not null && !MemoryPool.ReturnOfSession((nint)address))
        {
            NativeMemory.AlignedFree(address);
        }
    }

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
