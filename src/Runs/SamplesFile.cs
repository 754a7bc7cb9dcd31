using System.Text.Json;

namespace OrtDpo.Runs;

/// <summary>
/// <c>samples.jsonl</c>: what the policy answered at evaluations, an object with <c>step</c> a line. Lines are only ever added, and cut off
/// again where a run resumes from an earlier step. What cannot be written now, as where the disk is full, is written with what comes next.
/// </summary>
public sealed class SamplesFile : IDisposable
{
    /// <summary>Its name in a run's folder.</summary>
    public const string FileName = "samples.jsonl";

    readonly AppendedLines file;

    /// <summary>Opens or makes the file, and cuts off what was answered after a step, or half written.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="step">Steps that are done; 0: nothing stays, since the run begins anew.</param>
    public SamplesFile(string folder, int step)
    {
        file = new AppendedLines(Path.Combine(folder, FileName));
        file.Cut(step == 0 ? 0 : LengthUpTo(file.Read(), step));
    }

    /// <summary>Adds lines; when it returns they are on the disk, where that has room.</summary>
    /// <param name="lines">Objects that have <c>step</c>, each without a line feed.</param>
    public void Append(IEnumerable<string> lines)
    {
        file.Append(lines);
        try
        {
            // Before a checkpoint is: a run that goes on from that makes them no more.
            file.FlushToDisk();
        }
        catch (IOException)
        {
            // The run's metrics meet the same, and say so.
        }
    }

    public void Dispose() => file.Dispose();

    static long LengthUpTo(byte[] contents, int step)
    {
        var kept = 0;
        while (Array.IndexOf(contents, (byte)'\n', kept) is >= 0 and var end && IsUpTo(contents.AsMemory(kept, end - kept), step))
        {
            kept = end + 1;
        }

        return kept;
    }

    static bool IsUpTo(ReadOnlyMemory<byte> line, int step)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.TryGetProperty("step", out var found) && found.TryGetInt32(out var number) && number <= step;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
