using System.Buffers;
using System.Runtime.CompilerServices;

namespace OrtDpo.Train.OnDevice.Native;

/// <summary>An array as ONNX Runtime's tensor, which reads it where it lies: pinned until this is disposed.</summary>
sealed unsafe class FeedTensor : IDisposable
{
    readonly OrtLibrary library;
    MemoryHandle pin;

    FeedTensor(OrtLibrary library, MemoryHandle pin, nint handle)
    {
        (this.library, this.pin, Handle) = (library, pin, handle);
    }

    /// <summary>The tensor's handle.</summary>
    public nint Handle { get; }

    /// <summary>Pins an array of <c>float</c> (float32) or <c>long</c> (int64), row-major.</summary>
    public static FeedTensor Of<T>(OrtEnvironment environment, T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var type = typeof(T) == typeof(float) ? ElementType.Float32
            : typeof(T) == typeof(long) ? ElementType.Int64
            : throw new NotSupportedException($"No input is of {typeof(T).Name}.");
        var pin = values.AsMemory().Pin();
        try
        {
            nint handle;
            var library = environment.Library;
            fixed (long* dimensions = shape)
            {
                library.Check(
                    ((delegate* unmanaged<nint, void*, nuint, long*, nuint, ElementType, nint*, nint>)
                        library[OrtFunction.CreateTensorWithDataAsOrtValue])(
                        environment.HostMemory, pin.Pointer, (nuint)((long)values.Length * Unsafe.SizeOf<T>()), dimensions,
                        (nuint)shape.Length, type, &handle),
                    "take an input");
            }

            return new FeedTensor(library, pin, handle);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        library.Release(OrtFunction.ReleaseValue, Handle);
        pin.Dispose();
    }
}
