using System.Runtime.InteropServices;

namespace OrtDpo.Runtime;

/// <summary>Functions of glibc that .NET does not offer.</summary>
static class CLibrary
{
    /// <summary>
    /// The address of <paramref name="function"/>; 0 where there is no such library or function, as on other systems and with other C
    /// libraries.
    /// </summary>
    internal static nint Address(string library, string function) =>
        OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad(library, out var handle)
        && NativeLibrary.TryGetExport(handle, function, out var address)
            ? address
            : 0;
}
