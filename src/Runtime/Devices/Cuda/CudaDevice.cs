using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Devices.Cuda;

/// <summary>
/// A GPU through ONNX Runtime's CUDA provider. Everything is asked of one stream, which orders it: sessions, copies and clearing need no
/// synchronisation among each other, and only a copy to the host waits. Opened once for the process.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "It lives as long as the process.")]
sealed class CudaDevice : Device
{
    // Machine code of the provider of ONNX Runtime 1.31, which has none that a driver could translate for others.
    static readonly (int Major, int Minor)[] Served = [(7, 5), (8, 0), (8, 6), (8, 9), (9, 0), (12, 0)];

    const string OrtVersion = "1.31";

    static readonly Lock Gate = new();
    static readonly Dictionary<int, CudaDevice> Open = [];

    readonly Lock gate = new();
    readonly int ordinal;
    readonly CudaRuntime runtime;
    readonly CudaMemory memory;
    readonly long granularity;
    readonly long total;
    readonly nint stream;
    readonly PinnedStaging staging;
    readonly OrtMemoryInfo memoryInfo;
    bool isRegistered;

    CudaDevice(int ordinal, CudaRuntime runtime, CudaLibraries libraries)
        : base($"cuda:{ordinal}")
    {
        this.ordinal = ordinal;
        this.runtime = runtime;
        Model = runtime.NameOf(ordinal);
        Capability = runtime.CapabilityOf(ordinal);
        RequireServed();
        runtime.SetDevice(ordinal);
        (_, total) = runtime.Memory();
        memory = new CudaMemory(libraries.Driver, ordinal);
        granularity = memory.Granularity();
        stream = runtime.CreateStream();
        staging = new PinnedStaging(runtime, stream);
        memoryInfo = new OrtMemoryInfo("Cuda", OrtAllocatorType.DeviceAllocator, ordinal, OrtMemType.Default);
    }

    /// <summary>What the GPU is called.</summary>
    public override string Model { get; }

    /// <summary>Its compute capability.</summary>
    public (int Major, int Minor) Capability { get; }

    public override bool IsHost => false;

    // Products of bfloat16 came with Ampere.
    public override string? WhyNotIn(ComputeDtype dtype) => dtype == ComputeDtype.BFloat16 && Capability.Major < 8
        ? FormattableString.Invariant($"{Name} is a {Model} of compute capability {Capability.Major}.{Capability.Minor}, ")
            + "which computes in float32 and not in bfloat16"
        : null;

    /// <summary>The stream that everything is asked of.</summary>
    internal nint Stream => stream;

    internal override OrtMemoryInfo MemoryInfo => memoryInfo;

    internal override long Alignment => PlannedCudaDevice.BlockAlignment;

    /// <summary>How many there are, from 1.</summary>
    /// <exception cref="NotSupportedException">There are none, or the driver or a library is missing or too old.</exception>
    public static int Count() => new CudaRuntime(CudaLibraries.Load().Runtime).DeviceCount();

    /// <summary>Opens a device.</summary>
    /// <exception cref="NotSupportedException">It cannot be used; the message says why, and what would help.</exception>
    public static CudaDevice Of(int ordinal)
    {
        lock (Gate)
        {
            if (!Open.TryGetValue(ordinal, out var device))
            {
                LimitWorkspaces();
                var libraries = CudaLibraries.Load();
                var runtime = new CudaRuntime(libraries.Runtime);
                var count = runtime.DeviceCount();
                if (ordinal < 0 || ordinal >= count)
                {
                    throw new NotSupportedException($"cuda:{ordinal} was asked for, and this machine has {Devices(count)}.");
                }

                Open.Add(ordinal, device = new CudaDevice(ordinal, runtime, libraries));
            }

            return device;
        }
    }

    public override long? FreeBytes()
    {
        runtime.SetDevice(ordinal);
        return runtime.Memory().Free;
    }

    internal override long Granularity => granularity;

    internal override OnnxGraph Prepare(OnnxGraph graph) => PlannedCudaDevice.Lowered(graph);

    internal override IMemoryRange Reserve()
    {
        runtime.SetDevice(ordinal);
        return new CudaRange(memory, granularity, total, Synchronize, TooLittle);
    }

    internal override void Upload(nint source, nint target, long bytes)
    {
        lock (gate)
        {
            runtime.SetDevice(ordinal);
            staging.Upload(source, target, bytes);
        }
    }

    internal override void Download(nint source, nint target, long bytes)
    {
        lock (gate)
        {
            runtime.SetDevice(ordinal);
            staging.Download(source, target, bytes);
        }
    }

    internal override void Copy(nint source, nint target, long bytes)
    {
        runtime.SetDevice(ordinal);
        runtime.Copy(source, target, bytes, stream);
    }

    internal override void Clear(nint target, long bytes)
    {
        runtime.SetDevice(ordinal);
        runtime.Clear(target, bytes, stream);
    }

    internal override PinnedMemory Pin(long bytes)
    {
        runtime.SetDevice(ordinal);
        try
        {
            return new PinnedMemory(runtime.AllocateHost(bytes), Unpin);
        }
        catch (InsufficientMemoryException exception)
        {
            throw new InsufficientMemoryException(
                $"The machine gives no {MemoryText.Of(bytes)} more of memory that {Name} could copy from. Other programs may have some; "
                + "`Base` nf4 takes a quarter, and what does not stream (`Stream`) none.", exception);
        }
    }

    internal override CopyStream OpenCopyStream() => new CudaCopyStream(runtime, ordinal, stream);

    internal override bool Lends(SessionAllocatorKind allocator) => allocator == SessionAllocatorKind.Cuda;

    internal override void Configure(SessionOptions options)
    {
        lock (gate)
        {
            if (!isRegistered)
            {
                SessionAllocator.Register(OrtEnv.Instance(), SessionAllocatorKind.Cuda, ordinal);
                isRegistered = true;
            }
        }

        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string>
        {
            ["device_id"] = ordinal.ToString(CultureInfo.InvariantCulture),
            ["has_user_compute_stream"] = "1",
            ["user_compute_stream"] = stream.ToString(CultureInfo.InvariantCulture),
            // Ten bits of a product's operands less: log-probabilities would not be float32's.
            ["use_tf32"] = "0",
            ["enable_cuda_graph"] = "0",
        });
        try
        {
            options.AppendExecutionProvider_CUDA(cuda);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new NotSupportedException(
                $"The ONNX Runtime of this program does not run on CUDA: {exception.Message.TrimEnd('.')}. "
                + "Use its build with CUDA, the package Microsoft.ML.OnnxRuntime.Gpu.Linux or .Gpu.Windows.", exception);
        }
    }

    // The stream orders whatever comes next; waiting for each run would leave the device idle between them.
    internal override void Configure(RunOptions options) => options.AddRunConfigEntry("disable_synchronize_execution_providers", "1");

    internal override void BeginRun() => runtime.SetDevice(ordinal);

    internal override void EndRun()
    {
    }

    string TooLittle(long bytes)
    {
        var (free, all) = runtime.Memory();
        return $"{Description}, has no {MemoryText.Of(bytes)} more of memory: {MemoryText.Of(free)} of {MemoryText.Of(all)} are free. "
            + "Other programs may have some; a smaller `MicroPairs` or `MaxLength` takes less.";
    }

    // The provider tries the device with a block of one byte, and goes on without; its next kernel would take that error for its own.
    internal override void EndLoad() => runtime.ForgetShortage();

    void Unpin(nint address)
    {
        try
        {
            runtime.FreeHost(address);
        }
        catch (InvalidOperationException)
        {
            // As where a range is freed: why the device has failed is being said.
        }
    }

    void Synchronize()
    {
        runtime.SetDevice(ordinal);
        runtime.Synchronize(stream);
    }

    void RequireServed()
    {
        // Machine code runs on later minor versions of the same major one.
        if (!Served.Any(s => s.Major == Capability.Major && s.Minor <= Capability.Minor))
        {
            var served = string.Join(", ", Served.Select(s => FormattableString.Invariant($"{s.Major}.{s.Minor}")));
            throw new NotSupportedException(
                $"{Name} is a {Model} of compute capability {Capability.Major}.{Capability.Minor}; "
                + $"ONNX Runtime {OrtVersion} has machine code for {served} and later ones of the same first number.");
        }
    }

    static string Devices(int count) => count == 1 ? "one CUDA device, cuda:0" : $"{count} CUDA devices, cuda:0 to cuda:{count - 1}";

    // cuBLAS takes 32 MiB for each session's handle on some devices. .NET's own variables do not reach native code on Linux.
    static unsafe void LimitWorkspaces()
    {
        if (CLibrary.Address("libc.so.6", "setenv") is not 0 and var function)
        {
            fixed (byte* name = "CUBLAS_WORKSPACE_CONFIG"u8, value = ":4096:2"u8)
            {
                const int KeepGiven = 0;
                ((delegate* unmanaged<byte*, byte*, int, int>)function)(name, value, KeepGiven);
            }
        }
    }
}
