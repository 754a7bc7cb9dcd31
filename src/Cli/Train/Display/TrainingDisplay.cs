using OrtDpo.Cli.CommandLine;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train.Display;

/// <summary>Shows a run while it goes on: a panel on a terminal, and a line every ten seconds elsewhere.</summary>
sealed class TrainingDisplay : IDisposable
{
    static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);
    static readonly TimeSpan MemoryInterval = TimeSpan.FromSeconds(1);

    readonly ProgramOutput output;
    readonly TimeProvider time;
    readonly TrainingProgress run;
    readonly RunMemory? memory;
    readonly LivePanel? panel;
    long lastLine;
    long lastMemory;

    /// <summary>Begins to show a run whose loop begins.</summary>
    /// <param name="plan">Its steps.</param>
    /// <param name="memory">What it takes; null: that is not shown.</param>
    /// <param name="output">Where it is shown.</param>
    public TrainingDisplay(TrainingPlan plan, RunMemory? memory, ProgramOutput output)
    {
        this.output = output;
        this.memory = memory;
        time = output.Time;
        run = new TrainingProgress(plan, time);
        lastLine = time.GetTimestamp();
        panel = output.ShowPanel(size => TrainingPanel.Lines(run, memory, size));
    }

    /// <summary>The run goes on after <paramref name="step"/>; what it did before is in <paramref name="folder"/>.</summary>
    public void Begin(int step, string folder)
    {
        IReadOnlyList<MetricsLine> earlier = [];
        try
        {
            earlier = panel is null ? [] : MetricsLines.Read(Path.Combine(folder, MetricsFile.FileName));
        }
        catch (InvalidDataException)
        {
            // The curves then begin here; whether the file is good is not for the display to say.
        }

        Change(() => run.Begin(step, earlier.TakeWhile(line => line["step"] <= step)));
    }

    /// <summary>Takes what the loop tells.</summary>
    public void Tell(TrainingEvent told)
    {
        if (panel is not null && time.GetElapsedTime(lastMemory) >= MemoryInterval)
        {
            memory?.Refresh();
            lastMemory = time.GetTimestamp();
        }

        Change(() => run.Tell(told));
        if (panel is null && told is TrainingEvent.StepDone && time.GetElapsedTime(lastLine) >= LineInterval)
        {
            lastLine = time.GetTimestamp();
            output.WriteLine(ProgressText.Line(run));
        }
    }

    /// <summary>Takes the panel away, and says how long it took.</summary>
    public void End()
    {
        Dispose();
        output.WriteLine(ProgressText.Ended(run));
    }

    /// <summary>Takes the panel away, where the run failed too.</summary>
    public void Dispose()
    {
        if (panel is not null)
        {
            output.Hide(panel);
        }
    }

    void Change(Action change)
    {
        if (panel is null)
        {
            change();
        }
        else
        {
            panel.Update(change);
        }
    }
}
