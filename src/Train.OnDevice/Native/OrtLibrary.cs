using System.Runtime.InteropServices;
using OrtDpo.Training.Remote;

namespace OrtDpo.Train.OnDevice.Native;

/// <summary>
/// ONNX Runtime's native library, loaded from a path and bound by function pointers: the managed packages of today are of other versions
/// than the last one that was built with training, and crash or refuse over it.
/// </summary>
sealed unsafe class OrtLibrary
{
    const string Version = OnDeviceSetup.RuntimeVersion;
    const string Package = OnDeviceSetup.RuntimePackage;

    // Of the C API, which the version of the library has in its middle.
    const uint ApiVersion = 19;

    readonly string path;
    readonly nint* functions;
    nint* trainingFunctions;

    OrtLibrary(string path, nint* functions)
    {
        this.path = path;
        this.functions = functions;
    }

    /// <summary>A function's address.</summary>
    public nint this[OrtFunction function] => functions[(int)function];

    /// <summary>A function's address, once training is there (<see cref="RequireTraining"/>).</summary>
    public nint this[OrtTrainingFunction function] => trainingFunctions[(int)function];

    /// <summary>Loads a library, which stays loaded.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="NotSupportedException">It is no library that can be loaded here, or another version.</exception>
    public static OrtLibrary Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist. Expected ONNX Runtime's native library of {Version}, built with "
                + $"training: it comes with the NuGet package {Package} {Version}.", path);
        }

        nint library;
        try
        {
            // By its whole path, or the loader would look where it looks for others.
            library = NativeLibrary.Load(Path.GetFullPath(path));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new NotSupportedException($"{path} cannot be loaded: {e.Message}", e);
        }

        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out var getBase))
        {
            throw new NotSupportedException($"{path} is not ONNX Runtime's library: it has no function OrtGetApiBase. "
                + $"Expected that of the NuGet package {Package} {Version}.");
        }

        var apiBase = ((delegate* unmanaged<nint*>)getBase)();
        var version = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)apiBase[1])());
        var functions = version == Version ? ((delegate* unmanaged<uint, nint*>)apiBase[0])(ApiVersion) : null;
        return functions is not null ? new OrtLibrary(path, functions) : throw new NotSupportedException(
            $"{path} is ONNX Runtime {version}; expected {Version}, built with training: the library of the NuGet package "
            + $"{Package} {Version}.");
    }

    /// <summary>Binds the functions of training.</summary>
    /// <exception cref="NotSupportedException">The library was built without them.</exception>
    public void RequireTraining()
    {
        trainingFunctions = ((delegate* unmanaged<uint, nint*>)this[OrtFunction.GetTrainingApi])(ApiVersion);
        if (trainingFunctions is null)
        {
            throw new NotSupportedException($"{path} is ONNX Runtime {Version}, but was built without training. "
                + $"Expected the library of the NuGet package {Package} {Version}.");
        }
    }

    /// <summary>Throws where a function gave a status, which is given back.</summary>
    /// <param name="status">What it gave; 0: it did what it was to do.</param>
    /// <param name="what">What it was to do, behind "could not".</param>
    /// <exception cref="InvalidDataException">It did not; the message has ONNX Runtime's.</exception>
    public void Check(nint status, string what)
    {
        if (status == 0)
        {
            return;
        }

        var message = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<nint, byte*>)this[OrtFunction.GetErrorMessage])(status));
        Release(OrtFunction.ReleaseStatus, status);
        throw new InvalidDataException($"ONNX Runtime {Version} could not {what}: {message}");
    }

    /// <summary>Gives an object back by one of the functions <c>Release…</c>.</summary>
    public void Release(OrtFunction release, nint value) => Release(this[release], value);

    /// <inheritdoc cref="Release(OrtFunction, nint)"/>
    public void Release(OrtTrainingFunction release, nint value) => Release(this[release], value);

    static void Release(nint function, nint value)
    {
        if (value != 0)
        {
            ((delegate* unmanaged<nint, void>)function)(value);
        }
    }
}
