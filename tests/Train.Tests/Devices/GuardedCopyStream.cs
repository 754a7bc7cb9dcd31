using OrtDpo.Runtime.Devices;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// Copies as late as they may be: when the device waits for them, and never where it does not. Overwriting what a graph may still read,
/// were the device as late as it may be, is an error: every graph that runs after the device waited for a copy, and before its place is
/// marked or it waits for another, counts as a reader of that copy.
/// </summary>
/// <param name="forgotten">A wait to leave out.</param>
/// <param name="move">Copies bytes to the device.</param>
sealed class GuardedCopyStream(ForgottenWait forgotten, Action<nint, nint, long> move) : CopyStream
{
    readonly Queue<(nint Source, nint Target, long Bytes)> asked = [];
    readonly Dictionary<nint, long> deviceMarks = [];
    readonly Dictionary<nint, (long Copies, nint Target)> copyMarks = [];
    readonly Dictionary<nint, long> readers = [];
    long graphs;
    long awaited;
    long copied;
    long copiesAsked;
    nint last;
    nint current;

    /// <summary>Copies that were asked for.</summary>
    public long Copies => copiesAsked;

    /// <summary>Bytes of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>A graph ran, or the device copied by itself.</summary>
    public void Ran() => readers[current] = ++graphs;

    public override nint CreateMark()
    {
        nint mark = deviceMarks.Count + 1;
        deviceMarks.Add(mark, 0);
        return mark;
    }

    public override void MarkDevice(nint mark)
    {
        deviceMarks[mark] = graphs;
        current = 0;
    }

    public override void AwaitDevice(nint mark)
    {
        if (forgotten != ForgottenWait.OfCopies)
        {
            awaited = Math.Max(awaited, deviceMarks[mark]);
        }
    }

    public override void Copy(nint source, nint target, long bytes)
    {
        if (readers.TryGetValue(target, out var graph) && graph > awaited)
        {
            throw new InvalidOperationException(
                $"A copy overwrites what graph {graph} may still read: it waits for what was asked before graph {awaited + 1} alone.");
        }

        asked.Enqueue((source, target, bytes));
        last = target;
        copiesAsked++;
        Bytes += bytes;
    }

    public override void MarkCopies(nint mark) => copyMarks[mark] = (copiesAsked, last);

    public override void DeviceAwaits(nint mark)
    {
        current = copyMarks[mark].Target;
        for (; forgotten != ForgottenWait.OfDevice && copied < copyMarks[mark].Copies; copied++)
        {
            var (source, target, bytes) = asked.Dequeue();
            move(source, target, bytes);
        }
    }

    public override void Dispose()
    {
        while (asked.TryDequeue(out var copy))
        {
            move(copy.Source, copy.Target, copy.Bytes);
        }
    }
}
