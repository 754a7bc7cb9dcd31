using System.Globalization;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.CudaEngine.Tests.Fragments;

/// <summary>What a call of the engine asks of the device.</summary>
/// <param name="Launches">Kernels.</param>
/// <param name="Gemms">Products by cuBLAS.</param>
/// <param name="Copies">Copies on the device from one place to another.</param>
/// <param name="SelfCopies">Copies onto the place where they begin: a Gemm whose C is its Y.</param>
/// <param name="Memsets">Blocks that are cleared.</param>
/// <param name="UploadBytes">
/// Bytes from the host. Not how often: staging divides a copy where its half ends, wherever in the process that is.
/// </param>
/// <param name="Downloads">Copies to the host.</param>
/// <param name="Waits">Waits for the stream or the device. Those of staging for its other half are left out, for the same reason.</param>
/// <param name="PeakBytes">The most that was in use at once beyond what was before, as the pool charges it.</param>
readonly record struct FragmentCost(
    long Launches, long Gemms, long Copies, long SelfCopies, long Memsets, long UploadBytes, long Downloads, long Waits, long PeakBytes)
{
    /// <summary>The table's columns.</summary>
    public static string[] Columns { get; } =
        ["launches", "gemms", "copies", "self_copies", "memsets", "upload_bytes", "downloads", "waits", "peak_bytes"];

    /// <summary>The numbers in the order of <see cref="Columns"/>.</summary>
    public long[] Numbers => [Launches, Gemms, Copies, SelfCopies, Memsets, UploadBytes, Downloads, Waits, PeakBytes];

    public static FragmentCost Of(FakeCudaCounters counted, long peakBytes) => new(
        counted.Launches, counted.Gemms, counted.DeviceCopies, counted.SelfCopies, counted.Memsets, counted.UploadBytes, counted.Downloads,
        counted.StreamSyncs + counted.DeviceSyncs + counted.BlockingCopies, peakBytes);

    public static FragmentCost Parse(ReadOnlySpan<string> fields)
    {
        var numbers = new long[Columns.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = long.Parse(fields[i], CultureInfo.InvariantCulture);
        }

        return new(
            numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7], numbers[8]);
    }

    /// <summary>Both, one after the other; no sum says what their peak is.</summary>
    public static FragmentCost operator +(FragmentCost a, FragmentCost b) => new(
        a.Launches + b.Launches, a.Gemms + b.Gemms, a.Copies + b.Copies, a.SelfCopies + b.SelfCopies, a.Memsets + b.Memsets,
        a.UploadBytes + b.UploadBytes, a.Downloads + b.Downloads, a.Waits + b.Waits, 0);

    public override string ToString() =>
        string.Join(", ", Columns.Zip(Numbers).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.First} {c.Second}")));
}
