using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Runtime.Devices;
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

    /// <summary>Registers it with <paramref name="environment"/>, for every session that uses the environment's allocators.</summary>
    /// <param name="environment">The process's environment.</param>
    /// <param name="kind">Whose memory it hands out.</param>
    /// <param name="device">The device's number, among those of its kind.</param>
    public static void Register(OrtEnv environment, SessionAllocatorKind kind, int device = 0)
    {
        var library = NativeLibrary.Load("onnxruntime", typeof(OrtEnv).Assembly, searchPath: null);
        var apiBase = ((delegate* unmanaged[Cdecl]<nint*>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        var api = ((delegate* unmanaged[Cdecl]<uint, nint*>)apiBase[0])(ApiVersion);
        nint info;
        fixed (byte* name = kind == SessionAllocatorKind.Cpu ? "Cpu"u8 : "Cuda"u8)
        {
            const int DeviceAllocator = 0, DefaultMemory = 0;
            Check(api, ((delegate* unmanaged[Cdecl]<byte*, int, int, int, nint*, nint>)api[CreateMemoryInfo])(
                name, DeviceAllocator, device, DefaultMemory, &info));
        }

        // Lives as long as the environment, which is as long as the process.
        var allocator = (OrtAllocator*)NativeMemory.AllocZeroed((nuint)sizeof(OrtAllocator));
        allocator->MemoryInfo = info;
        allocator->Kind = kind;
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

    // An exception must not pass into native code.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void* Alloc(OrtAllocator* self, nuint bytes)
    {
        if (bytes == 0)
        {
            return null;
        }

        try
        {
            if (self->Kind == SessionAllocatorKind.Cuda)
            {
                var block = MemoryPool.RentForSession((long)bytes, SessionAllocatorKind.Cuda);
                if (block == 0)
                {
                    // ONNX Runtime would launch kernels on address 0.
                    Environment.FailFast("A session on CUDA asks for memory while no pool lends it any.");
                }

                return (void*)block;
            }

            return (long)bytes >= MemoryPool.LeastPlaced && MemoryPool.RentForSession((long)bytes, self->Kind) is not 0 and var address
                ? (void*)address
                : NativeMemory.AlignedAlloc(bytes, (nuint)Device.Cpu.Alignment);
        }
        catch (OutOfMemoryException exception)
        {
            // ONNX Runtime does not look at what it gets for a tensor: whoever runs the session has to ask.
            MemoryPool.Refuse(exception);
            // A GPU's kernels fail at address 0; the host's would end the process there, before anybody asks.
            return self->Kind == SessionAllocatorKind.Cpu ? Spare(bytes) : null;
        }
    }

    // What is written there is read by nobody: whoever runs the session throws.
    static void* Spare(nuint bytes)
    {
        try
        {
            return NativeMemory.AlignedAlloc(bytes, (nuint)Device.Cpu.Alignment);
        }
        catch (OutOfMemoryException)
        {
            Environment.FailFast($"The machine gives ONNX Runtime no {MemoryText.Of((long)bytes)} more of memory.");
            return null;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void Free(OrtAllocator* self, void* address)
    {
        if (address is not null && !MemoryPool.ReturnOfSession((nint)address) && self->Kind == SessionAllocatorKind.Cpu)
        {
            NativeMemory.AlignedFree(address);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static nint Info(OrtAllocator* self) => self->MemoryInfo;

    // onnxruntime_c_api.h's struct of this name, and behind it what is ours.
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
        public nint MemoryInfo;
        public SessionAllocatorKind Kind;
    }
}
