using System.Globalization;
using System.Runtime.InteropServices;

namespace OrtDpo.Train.OnDevice.Native;

/// <summary>ONNX Runtime's environment, the options of its sessions, and its description of the host's memory: one of a process.</summary>
sealed unsafe class OrtEnvironment : IDisposable
{
    const int Warnings = 2;
    const int ArenaAllocator = 1;
    const int DefaultMemory = 0;

    readonly nint environment;
    readonly nint options;
    readonly nint hostMemory;

    /// <param name="library">The library.</param>
    /// <param name="threads">Threads of a session.</param>
    public OrtEnvironment(OrtLibrary library, int threads)
    {
        Library = library;
        nint made;
        fixed (byte* name = "ortdpo\0"u8)
        {
            library.Check(
                ((delegate* unmanaged<int, byte*, nint*, nint>)library[OrtFunction.CreateEnv])(Warnings, name, &made), "begin");
            environment = made;
        }

        library.Check(((delegate* unmanaged<nint*, nint>)library[OrtFunction.CreateSessionOptions])(&made), "make options");
        options = made;
        library.Check(
            ((delegate* unmanaged<nint, int, nint>)library[OrtFunction.SetIntraOpNumThreads])(options, threads),
            string.Create(CultureInfo.InvariantCulture, $"take {threads} threads"));
        // Batches differ in their sizes, and a plan is kept for each.
        library.Check(((delegate* unmanaged<nint, nint>)library[OrtFunction.DisableMemPattern])(options), "leave out memory patterns");
        Set("session.intra_op.allow_spinning", "0");
        library.Check(
            ((delegate* unmanaged<int, int, nint*, nint>)library[OrtFunction.CreateCpuMemoryInfo])(ArenaAllocator, DefaultMemory, &made),
            "describe the host's memory");
        hostMemory = made;
        library.Check(((delegate* unmanaged<nint*, nint>)library[OrtFunction.GetAllocatorWithDefaultOptions])(&made), "allocate");
        // ONNX Runtime's own, which nobody gives back.
        Allocator = made;
    }

    /// <summary>The library.</summary>
    public OrtLibrary Library { get; }

    /// <summary>The environment's handle.</summary>
    public nint Handle => environment;

    /// <summary>The handle of the options that every session has.</summary>
    public nint Options => options;

    /// <summary>The handle of the host's memory.</summary>
    public nint HostMemory => hostMemory;

    /// <summary>The handle of the allocator that names come from.</summary>
    public nint Allocator { get; }

    /// <summary>A text that came from <see cref="Allocator"/>, to which it is given back.</summary>
    public string Take(nint text)
    {
        var taken = Marshal.PtrToStringUTF8(text)!;
        Library.Check(((delegate* unmanaged<nint, nint, nint>)Library[OrtFunction.AllocatorFree])(Allocator, text), "free a name");
        return taken;
    }

    public void Dispose()
    {
        Library.Release(OrtFunction.ReleaseMemoryInfo, hostMemory);
        Library.Release(OrtFunction.ReleaseSessionOptions, options);
        Library.Release(OrtFunction.ReleaseEnv, environment);
    }

    void Set(string name, string value)
    {
        var (key, text) = (Marshal.StringToCoTaskMemUTF8(name), Marshal.StringToCoTaskMemUTF8(value));
        Library.Check(
            ((delegate* unmanaged<nint, nint, nint, nint>)Library[OrtFunction.AddSessionConfigEntry])(options, key, text), $"set {name}");
        Marshal.FreeCoTaskMem(key);
        Marshal.FreeCoTaskMem(text);
    }
}
