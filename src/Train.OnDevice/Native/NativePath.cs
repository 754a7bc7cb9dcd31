using System.Runtime.InteropServices;

namespace OrtDpo.Train.OnDevice.Native;

/// <summary>A path as ONNX Runtime takes it: UTF-16 on Windows, UTF-8 elsewhere.</summary>
sealed class NativePath(string path) : IDisposable
{
    /// <summary>The characters, ended by a zero.</summary>
    public nint Pointer { get; } = OperatingSystem.IsWindows()
        ? Marshal.StringToCoTaskMemUni(Path.GetFullPath(path))
        : Marshal.StringToCoTaskMemUTF8(Path.GetFullPath(path));

    public void Dispose() => Marshal.FreeCoTaskMem(Pointer);
}
