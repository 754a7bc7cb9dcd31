using System.Globalization;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Logs.TensorBoard;

/// <summary>
/// Event files that TensorBoard reads, in <c>tensorboard/</c> of a run's folder: the metrics as scalars, the configuration as text. Every
/// process that works on the run adds a file, which first takes back what earlier ones have of the steps that it does again.
/// </summary>
public sealed class TensorBoardLog : IRunLog
{
    /// <summary>The name of its folder in a run's.</summary>
    public const string FolderName = "tensorboard";

    const string Prefix = "events.out.tfevents.";

    readonly LoggedRun run;
    readonly TimeProvider time;
    readonly Action<string> note;
    EventFile? file;
    bool hasFailed;

    /// <summary>A log of <paramref name="run"/>; nothing is written before the loop has told where it starts.</summary>
    /// <param name="run">The run.</param>
    /// <param name="time">Gives the wall times, and the file's name.</param>
    /// <param name="note">Told once if the file cannot be written.</param>
    public TensorBoardLog(LoggedRun run, TimeProvider time, Action<string> note)
    {
        this.run = run;
        this.time = time;
        this.note = note;
    }

    /// <inheritdoc/>
    public void Tell(TrainingEvent told)
    {
        switch (told)
        {
            case TrainingEvent.Started started:
                Try(() => Begin(started.Step));
                break;
            case TrainingEvent.StepDone step:
                Append(wallTime => Scalars(wallTime, step.Step, step.Metrics));
                break;
            case TrainingEvent.Evaluated evaluated:
                Append(wallTime => Scalars(wallTime, evaluated.Step, evaluated.Metrics));
                break;
            case TrainingEvent.Sampled sampled:
                var answers = string.Join("\n\n", sampled.Answers.Select(
                    answer => $"{AsCode(answer.Prompt)}\n\nis answered with\n\n{AsCode(answer.Answer)}"));
                Append(wallTime => EventMessage.Markdown(wallTime, sampled.Step, "samples/text_summary", answers));
                break;
        }
    }

    /// <inheritdoc/>
    public void Tell(Finding found) => Append(wallTime => EventMessage.Markdown(
        wallTime, found.Step, $"diagnosis/{found.Id}/text_summary",
        $"**{found.Severity.ToString().ToLowerInvariant()}**: {found.Evidence}\n\n{found.Advice}"));

    /// <inheritdoc/>
    public void End(RunEnding ending)
    {
        // TensorBoard has no word for it.
    }

    public void Dispose() => file?.Dispose();

    // What the steps up to `step` left stays; TensorBoard drops what is at the step of a start, or after it.
    void Begin(int step)
    {
        var folder = Path.Combine(run.Folder, FolderName);
        Directory.CreateDirectory(folder);
        var (path, wallTime) = (Path.Combine(folder, FileName(folder, out var isFirst)), WallTime());
        var first = step == 0 || isFirst ? 0 : step + 1;
        var begun = new EventFile(path);
        try
        {
            begun.Append(EventMessage.FileVersion(wallTime));
            begun.Append(EventMessage.Start(wallTime, first));
            begun.Append(EventMessage.Markdown(wallTime, first, "config/text_summary", AsCode(run.ConfigText)));
            if (isFirst)
            {
                // The steps of a run that had no log before.
                foreach (var line in run.LinesUpTo(step))
                {
                    begun.Append(Scalars(wallTime, (int)line["step"], line));
                }
            }

            file = begun;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            // Events behind an incomplete head would be taken for a continuation of the file before.
            begun.Dispose();
            File.Delete(path);
            throw;
        }
    }

    // TensorBoard reads the files of a folder in the order of their names: a clock that was set back must not change that.
    string FileName(string folder, out bool isFirst)
    {
        var earlier = Directory.EnumerateFiles(folder, Prefix + "*")
            .Select(path => Path.GetFileName(path)[Prefix.Length..].Split('.')[0])
            .Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0)
            .ToList();
        isFirst = earlier.Count == 0;
        var now = Math.Max(time.GetUtcNow().ToUnixTimeSeconds(), earlier.DefaultIfEmpty(0).Max() + 1);
        var host = string.Concat(Environment.MachineName.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{now:0000000000}.{host}.{Environment.ProcessId}.0");
    }

    void Append(Func<double, byte[]> message) => Try(() => file?.Append(message(WallTime())));

    void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            if (!hasFailed)
            {
                hasFailed = true;
                var reason = e is IOException io && AtomicFile.IsDiskFull(io) ? "the disk is full" : e.Message.TrimEnd('.');
                note($"tensorboard: {Path.Combine(run.Folder, FolderName)} misses events, since {reason}. The run goes on, and "
                    + $"{MetricsFile.FileName} has every number.");
            }
        }
    }

    static byte[] Scalars(double wallTime, int step, MetricsLine line) => EventMessage.Scalars(
        wallTime, step, line.Values.Where(value => value.Key != "step").Select(value => (ScalarTag.Of(value.Key), (float)value.Value)));

    // Indented by four, Markdown shows lines as they are.
    static string AsCode(string text) =>
        string.Join('\n', text.TrimEnd('\n').Split('\n').Select(line => "    " + line));

    double WallTime() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
}
