using OrtDpo.GpuCheck.Devices;
using OrtDpo.GpuCheck.Reports;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Train.Tests.Devices;

namespace OrtDpo.GpuCheck.Running;

/// <summary>
/// A check that runs in this process: what it runs on, and what it found. Each figure is on the disk before the next is looked for, so that
/// a check that crashes or is ended leaves what it had.
/// </summary>
sealed class CheckRun
{
    // More gain little: the processor's part is the oracle's.
    const int MostThreads = 16;

    readonly int number;
    readonly string name;
    readonly long start = TimeProvider.System.GetTimestamp();
    readonly List<Figure> figures = [];
    readonly Lazy<(Device Device, bool IsStub)> opened;
    string? skipped;

    public CheckRun(int number, string name, Places places)
    {
        this.number = number;
        this.name = name;
        Places = places;
        Threads = Math.Min(MostThreads, Environment.ProcessorCount);
        OrtProcess.Start(Threads);
        opened = new(() => places.IsRehearsal ? (new EmulatedDevice(), false) : StubLibraries.Open());
    }

    public Places Places { get; }

    /// <summary>The device that is checked; opened by the first who asks.</summary>
    public Device Device => opened.Value.Device;

    /// <summary>What it is; opens it.</summary>
    public CheckMode Mode => Places.IsRehearsal ? CheckMode.Rehearsal : opened.Value.IsStub ? CheckMode.Stub : CheckMode.Gpu;

    /// <summary>Threads of ONNX Runtime in this process.</summary>
    public int Threads { get; }

    /// <summary>One of two sizes: stubs and rehearsals are to show that a check runs, not to be long.</summary>
    public T Sized<T>(T onGpu, T elsewhere) => Mode == CheckMode.Gpu ? onGpu : elsewhere;

    /// <summary>A number that is true of stubs, too: of memory, counts, versions.</summary>
    public void Counted(string name, double value, string unit = "", double? atMost = null, double? atLeast = null, string text = "") =>
        Add(name, value, unit, text, atMost, atLeast, isComputed: false);

    /// <summary>A number that the device computed, or needed time for.</summary>
    public void Computed(string name, double value, string unit = "", double? atMost = null, double? atLeast = null, string text = "") =>
        Add(name, value, unit, text, atMost, atLeast, isComputed: true);

    /// <summary>Whether something that the device computed is so, which it should be.</summary>
    public void Computed(string name, bool isSo) =>
        Add(new Figure(name, null, "", isSo ? Figure.Yes : Figure.No, null, null, Mode == CheckMode.Stub ? null : isSo, IsComputed: true));

    /// <summary>A word.</summary>
    public void Told(string name, string text) => Add(new Figure(name, null, "", text, null, null, null, IsComputed: false));

    /// <summary>The check does not run here.</summary>
    public void Skip(string reason) => skipped = reason;

    /// <summary>What was found.</summary>
    public CheckResult End()
    {
        var status = skipped is not null ? CheckStatus.Skipped
            : figures.Any(figure => figure.Holds == false) ? CheckStatus.Failed
            : Mode == CheckMode.Stub && figures.Any(figure => figure.IsComputed) ? CheckStatus.Junk
            : CheckStatus.Passed;
        return Result(status, skipped ?? "");
    }

    void Add(string name, double value, string unit, string text, double? atMost, double? atLeast, bool isComputed)
    {
        // NaN is within no limit.
        bool? holds = (atMost is null && atLeast is null) || (isComputed && Mode == CheckMode.Stub)
            ? null
            : (atMost is null || value <= atMost) && (atLeast is null || value >= atLeast);
        var isFinite = double.IsFinite(value);
        Add(new Figure(
            name, isFinite ? value : null, unit, isFinite ? text : $"{value} {text}".TrimEnd(), atMost, atLeast, holds, isComputed));
    }

    void Add(Figure figure)
    {
        figures.Add(figure);
        ReportJson.Write(Places.Result(number), Result(CheckStatus.Crashed, ""));
    }

    CheckResult Result(CheckStatus status, string message) =>
        new(number, this.name, status, TimeProvider.System.GetElapsedTime(start).TotalSeconds, message, [.. figures]);
}
