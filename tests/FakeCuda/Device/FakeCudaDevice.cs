using System.Runtime.InteropServices;

namespace OrtDpo.Testing.FakeCuda;

/// <summary>
/// The stub device of this process: what it counted, and what is to be wrong with it. Tests that use it run one after the other.
/// </summary>
static partial class FakeCudaDevice
{
    const string Library = "libfakecuda.so";

    enum NameKind
    {
        Call,
        Kernel,
        Gemm,
    }

    /// <summary>What was counted since the last <see cref="Reset"/>.</summary>
    public static FakeCudaCounters Counters
    {
        get
        {
            Read(out var counters);
            return counters;
        }
    }

    /// <summary>The most bytes of device memory that existed at once since the last <see cref="Reset"/>.</summary>
    public static long Peak => Counters.PeakBytes;

    /// <summary>Kernels that were launched, by the names that the compiler gave them, and how often.</summary>
    public static IReadOnlyDictionary<string, long> KernelNames => Names(NameKind.Kernel);

    /// <summary>Products by the functions of cuBLAS and cuBLASLt that were called for them, and how often.</summary>
    public static IReadOnlyDictionary<string, long> GemmNames => Names(NameKind.Gemm);

    /// <summary>Functions of all stub libraries that were called, and how often.</summary>
    public static IReadOnlyDictionary<string, long> Calls => Names(NameKind.Call);

    /// <summary>
    /// Where a test begins: a device without faults, every counter at 0, every stream allowed. Skips the test where the stubs cannot be.
    /// </summary>
    public static void Require()
    {
        Assert.SkipWhen(FakeCudaLibraries.Problem is not null, FakeCudaLibraries.Problem ?? "");
        RestoreFaults();
        AllowEveryStream();
        Reset();
    }

    /// <summary>Sets counters and names to 0, and the peak to what is used now.</summary>
    [LibraryImport(Library, EntryPoint = "fakecuda_reset")]
    public static partial void Reset();

    /// <summary>From now on, operations on another stream are <see cref="FakeCudaCounters.ForeignStreamOperations"/>.</summary>
    [LibraryImport(Library, EntryPoint = "fakecuda_allow_stream")]
    public static partial void AllowStream(nint stream);

    /// <summary>How many devices there are; 0: none, as on a machine without a GPU.</summary>
    [LibraryImport(Library, EntryPoint = "fakecuda_set_devices")]
    public static partial void SetDevices(long count);

    /// <summary>The driver's version, such as 12080; below 13000 the runtime refuses it.</summary>
    [LibraryImport(Library, EntryPoint = "fakecuda_set_driver_version")]
    public static partial void SetDriver(long version);

    /// <summary>The compute capability, such as 75 for 7.5.</summary>
    [LibraryImport(Library, EntryPoint = "fakecuda_set_compute_capability")]
    public static partial void SetSm(long majorAndMinor);

    /// <summary>The device's memory in bytes; allocations beyond it fail.</summary>
    [LibraryImport(Library, EntryPoint = "fakecuda_set_memory")]
    public static partial void SetTotalMemory(long bytes);

    /// <summary>
    /// Copies and memsets check and count, but move nothing, and zeros come to the host: gigabytes of device memory take none of the host.
    /// </summary>
    public static void MoveNoBytes() => SetMovesBytes(0);

    static Dictionary<string, long> Names(NameKind wanted)
    {
        var names = new Dictionary<string, long>(StringComparer.Ordinal);
        for (long i = 0; Name(i, out var name, out var kind, out var count); i++)
        {
            if ((NameKind)kind == wanted && count > 0)
            {
                var text = Marshal.PtrToStringUTF8(name)!;
                names[text] = names.GetValueOrDefault(text) + count;
            }
        }

        return names;
    }

    [LibraryImport(Library, EntryPoint = "fakecuda_read")]
    private static partial void Read(out FakeCudaCounters counters);

    [LibraryImport(Library, EntryPoint = "fakecuda_name")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool Name(long index, out nint name, out int kind, out long count);

    [LibraryImport(Library, EntryPoint = "fakecuda_allow_every_stream")]
    private static partial void AllowEveryStream();

    [LibraryImport(Library, EntryPoint = "fakecuda_restore_faults")]
    private static partial void RestoreFaults();

    [LibraryImport(Library, EntryPoint = "fakecuda_set_moves_bytes")]
    private static partial void SetMovesBytes(long moves);
}
