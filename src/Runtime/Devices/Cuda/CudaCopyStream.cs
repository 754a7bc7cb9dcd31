namespace OrtDpo.Runtime.Devices.Cuda;

/// <summary>A second stream of a device, and events.</summary>
/// <param name="runtime">CUDA.</param>
/// <param name="ordinal">The device's number.</param>
/// <param name="compute">The stream that everything else is asked of.</param>
sealed class CudaCopyStream(CudaRuntime runtime, int ordinal, nint compute) : CopyStream
{
    readonly nint stream = Created(runtime, ordinal);
    readonly List<nint> marks = [];
    bool disposed;

    public override nint CreateMark()
    {
        runtime.SetDevice(ordinal);
        marks.Add(runtime.CreateEvent());
        return marks[^1];
    }

    public override void MarkDevice(nint mark)
    {
        runtime.SetDevice(ordinal);
        runtime.Record(mark, compute);
    }

    public override void AwaitDevice(nint mark) => runtime.Await(mark, stream);

    public override void Copy(nint source, nint target, long bytes)
    {
        runtime.SetDevice(ordinal);
        runtime.Copy(source, target, bytes, stream);
    }

    public override void MarkCopies(nint mark) => runtime.Record(mark, stream);

    public override void DeviceAwaits(nint mark)
    {
        runtime.SetDevice(ordinal);
        runtime.Await(mark, compute);
    }

    public override void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        try
        {
            runtime.SetDevice(ordinal);
            runtime.Synchronize(stream);
            marks.ForEach(runtime.DestroyEvent);
            runtime.DestroyStream(stream);
        }
        catch (InvalidOperationException)
        {
            // As where a range is freed: why the device has failed is being said.
        }
    }

    static nint Created(CudaRuntime runtime, int ordinal)
    {
        runtime.SetDevice(ordinal);
        return runtime.CreateStream();
    }
}
