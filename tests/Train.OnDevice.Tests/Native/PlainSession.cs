using System.Runtime.InteropServices;
using OrtDpo.Train.OnDevice.Native;

namespace OrtDpo.Train.OnDevice.Tests.Native;

/// <summary>A session that infers, over the same bindings: what the library without training can be asked.</summary>
sealed unsafe class PlainSession : IDisposable
{
    const int CreateSession = 7;
    const int RunSession = 9;
    const int ReleaseSession = 95;

    readonly OrtLibrary library;
    readonly nint session;

    public PlainSession(OrtEnvironment environment, string model)
    {
        library = environment.Library;
        using var path = new NativePath(model);
        nint made;
        library.Check(
            ((delegate* unmanaged<nint, nint, nint, nint*, nint>)library[(OrtFunction)CreateSession])(
                environment.Handle, path.Pointer, environment.Options, &made),
            $"load {model}");
        session = made;
    }

    /// <summary>Runs the model on one input.</summary>
    public StepOutput Run(string input, FeedTensor feed, string output)
    {
        nint value = 0, handle = feed.Handle;
        var (inputName, outputName) = (Marshal.StringToCoTaskMemUTF8(input), Marshal.StringToCoTaskMemUTF8(output));
        try
        {
            library.Check(
                ((delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)library[(OrtFunction)RunSession])(
                    session, 0, &inputName, &handle, 1, &outputName, 1, &value),
                "run");
            return StepOutput.Copy(library, value, output);
        }
        finally
        {
            library.Release(OrtFunction.ReleaseValue, value);
            Marshal.FreeCoTaskMem(inputName);
            Marshal.FreeCoTaskMem(outputName);
        }
    }

    public void Dispose() => library.Release((OrtFunction)ReleaseSession, session);
}
