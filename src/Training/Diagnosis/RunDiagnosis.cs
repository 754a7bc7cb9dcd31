using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>
/// Listens to a run, tells what is found and keeps <c>diagnosis.json</c>. It changes nothing that the run computes or writes elsewhere.
/// </summary>
public sealed class RunDiagnosis
{
    readonly string runFolder;
    readonly RunningDiagnosis running;
    readonly Action<Finding> found;
    // A resumed run's earlier lines are in its file, which the loop first cuts back to the checkpoint.
    bool hasEarlierLines;

    /// <summary>A diagnosis of the run in <paramref name="runFolder"/>.</summary>
    /// <param name="runFolder">The run's folder.</param>
    /// <param name="facts">What is known of the run.</param>
    /// <param name="found">Told what is found when it first holds, and when it has become worse.</param>
    public RunDiagnosis(string runFolder, DiagnosisFacts facts, Action<Finding> found)
    {
        this.runFolder = runFolder;
        this.found = found;
        running = new RunningDiagnosis(facts);
    }

    /// <summary>Takes what the loop tells, in its order.</summary>
    public void Hear(TrainingEvent told)
    {
        switch (told)
        {
            case TrainingEvent.Started started:
                hasEarlierLines = started.Step > 0;
                var begun = running.Begin();
                if (!hasEarlierLines)
                {
                    running.Now.Write(runFolder);
                    Tell(begun);
                }

                break;
            case TrainingEvent.StepDone step:
                Add(step.Metrics, write: hasEarlierLines);
                break;
            case TrainingEvent.Evaluated evaluated:
                Add(evaluated.Metrics, write: true);
                break;
        }
    }

    /// <summary>Takes the end of the loop.</summary>
    /// <param name="ended">Whether the run has come to its end, and is not to be resumed.</param>
    /// <returns>All that was found, for whoever closes to write.</returns>
    public Diagnosis Close(bool ended)
    {
        CatchUp(last: null);
        if (ended)
        {
            Tell(running.End());
        }

        return running.Now;
    }

    // What is found is known and told before it is written, which may fail.
    void Add(MetricsLine line, bool write)
    {
        CatchUp(line);
        var findings = running.Add(line);
        Tell(findings);
        if (write || findings.Count > 0)
        {
            running.Now.Write(runFolder);
        }
    }

    // The line that is told of is the file's last already, but where the disk is full and it waits.
    void CatchUp(MetricsLine? last)
    {
        if (!hasEarlierLines)
        {
            return;
        }

        hasEarlierLines = false;
        var lines = MetricsLines.Read(Path.Combine(runFolder, MetricsFile.FileName));
        var isThere = lines is [.., var newest] && newest.ToJson() == last?.ToJson();
        foreach (var earlier in lines.SkipLast(isThere ? 1 : 0))
        {
            running.Add(earlier);
        }
    }

    void Tell(IEnumerable<Finding> findings)
    {
        foreach (var finding in findings)
        {
            found(finding);
        }
    }
}
