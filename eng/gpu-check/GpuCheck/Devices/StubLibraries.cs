using System.Runtime.InteropServices;
using OrtDpo.Runtime.Devices;

namespace OrtDpo.GpuCheck.Devices;

/// <summary>Whether CUDA's libraries are the stubs of <c>tests/FakeCuda</c>, which compute nothing.</summary>
static class StubLibraries
{
    // The runtime is loaded when a device is opened; a symbol of what it needs is found through it.
    const string Runtime = "libcudart.so.13", Symbol = "fakecuda_reset";

    /// <summary>Opens the first GPU. On stubs its first numbers, which are zeros, are not compared with right ones.</summary>
    /// <exception cref="NotSupportedException">It cannot be used; the message says why.</exception>
    public static (Device Device, bool IsStub) Open()
    {
        var device = Device.Cuda(0);
        var isStub = NativeLibrary.TryLoad(Runtime, out var library) && NativeLibrary.TryGetExport(library, Symbol, out _);
        DeviceTrial.ChecksNumbers = !isStub;
        return (device, isStub);
    }
}
