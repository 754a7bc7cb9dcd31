using System.Runtime.InteropServices;

namespace OrtDpo.Testing.FakeCuda;

/// <summary>
/// What the device counted since it was last reset. The order is that of <c>struct fakecuda_counters</c> in native/fakecuda.h.
/// </summary>
/// <param name="Launches">Kernels, and those calls of cuBLAS that are no products.</param>
/// <param name="Gemms">Products by cuBLAS and cuBLASLt.</param>
/// <param name="Uploads">Copies from the host to the device.</param>
/// <param name="UploadBytes">Their bytes.</param>
/// <param name="Downloads">Copies from the device to the host.</param>
/// <param name="DownloadBytes">Their bytes.</param>
/// <param name="DeviceCopies">Copies on the device from one place to another.</param>
/// <param name="DeviceCopyBytes">Their bytes.</param>
/// <param name="SelfCopies">Copies on the device onto the place where they begin.</param>
/// <param name="SelfCopyBytes">Their bytes.</param>
/// <param name="PinnedCopies">Uploads and downloads whose host memory is pinned.</param>
/// <param name="PageableCopies">Uploads and downloads whose host memory is not.</param>
/// <param name="BlockingCopies">Calls of cudaMemcpy, which waits, on the legacy stream.</param>
/// <param name="Memsets">Memsets.</param>
/// <param name="MemsetBytes">Their bytes.</param>
/// <param name="StreamSyncs">Calls that wait for a stream.</param>
/// <param name="DeviceSyncs">Calls that wait for the device.</param>
/// <param name="EventSyncs">Calls that wait for an event.</param>
/// <param name="ForeignStreamOperations">
/// Launches, products, copies and memsets on another stream than the one that <see cref="FakeCudaDevice.AllowStream"/> names.
/// </param>
/// <param name="Allocations">Blocks by cudaMalloc.</param>
/// <param name="CreatedBlocks">Blocks by cuMemCreate.</param>
/// <param name="PinnedAllocations">Host memory that was pinned, by allocating or by registering it.</param>
/// <param name="Failures">Calls that returned an error.</param>
/// <param name="BlasHandles">cuBLAS handles that exist now.</param>
/// <param name="BlasLtHandles">cuBLASLt handles that exist now.</param>
/// <param name="Streams">Streams that exist now.</param>
/// <param name="Events">Events that exist now.</param>
/// <param name="UsedBytes">Device memory that exists now: allocated or created, mapped or not.</param>
/// <param name="PeakBytes">The most that existed at once since the reset.</param>
[StructLayout(LayoutKind.Sequential)]
readonly record struct FakeCudaCounters(
    long Launches,
    long Gemms,
    long Uploads,
    long UploadBytes,
    long Downloads,
    long DownloadBytes,
    long DeviceCopies,
    long DeviceCopyBytes,
    long SelfCopies,
    long SelfCopyBytes,
    long PinnedCopies,
    long PageableCopies,
    long BlockingCopies,
    long Memsets,
    long MemsetBytes,
    long StreamSyncs,
    long DeviceSyncs,
    long EventSyncs,
    long ForeignStreamOperations,
    long Allocations,
    long CreatedBlocks,
    long PinnedAllocations,
    long Failures,
    long BlasHandles,
    long BlasLtHandles,
    long Streams,
    long Events,
    long UsedBytes,
    long PeakBytes)
{
    /// <summary>Waits of every kind.</summary>
    public long Syncs => StreamSyncs + DeviceSyncs + EventSyncs + BlockingCopies;
}
