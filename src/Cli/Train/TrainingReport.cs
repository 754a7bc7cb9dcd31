using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Train.Display;
using OrtDpo.Data;
using OrtDpo.Runs;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train;

/// <summary>Turns the loop's events into lines and progress.</summary>
sealed class TrainingReport(TrainRequest request, ProgramOutput output) : IDisposable
{
    TrainEvent.Begun? begun;
    TrainingDisplay? display;
    // Of the loop's thread, and read by that of a signal.
    volatile int done;
    // Before it was resumed.
    bool isFinished;
    bool isEnded;

    public void Tell(TrainEvent told)
    {
        switch (told)
        {
            case TrainEvent.Begun decided:
                begun = decided;
                Lines(Decisions.Lines(begun, request));
                Lines(begun.ModelNotes.Select(note => $"model: {note}"));
                break;
            case TrainEvent.DataReady ready:
                Rows(ready);
                break;
            case TrainEvent.GateSkipped skipped:
                output.WriteLine(
                    $"step-0 gate: skipped, since the policy {skipped.PolicyDigest[..12]}… does not start as the reference "
                    + $"{skipped.ReferenceDigest[..12]}…");
                break;
            case TrainEvent.ResumedOtherwise otherwise:
                output.WriteLine($"resumed otherwise than before: {otherwise.Difference.Note}; "
                    + (otherwise.Difference.MovesBits ? "last bits may differ" : "no number differs for it"));
                break;
            case TrainEvent.LoopStarted:
                display = new TrainingDisplay(begun!.Plan, begun.Memory is { } planned ? new RunMemory(planned) : null, output);
                break;
            case TrainEvent.Loop loop:
                Tell(loop.Told);
                break;
            case TrainEvent.LogNote said:
                output.WriteLine(OptionNames.In(said.Text));
                break;
            // What shows at the end alone stands in the summary, which follows.
            case TrainEvent.Found when isEnded:
                break;
            case TrainEvent.Found found:
                Lines(DiagnosisText.Found(found.Finding));
                break;
            case TrainEvent.LoopEnded when isFinished:
                display!.Dispose();
                break;
            case TrainEvent.LoopEnded:
                isEnded = true;
                display!.End();
                break;
            case TrainEvent.Diagnosed diagnosed:
                Lines(DiagnosisText.Summary(diagnosed.Diagnosis));
                break;
        }
    }

    /// <summary>Says that the run is to stop, and what it does before.</summary>
    public void Stopping() => output.WriteLine(
        Text($"finishing step {done + 1}, or giving up the evaluation, then saving; once more to stop at once"));

    /// <summary>Says where the policy lies.</summary>
    public void Done(TrainResult result) => output.WriteLine($"policy: {result.Checkpoint}");

    public void Dispose() => display?.Dispose();

    void Rows(TrainEvent.DataReady ready)
    {
        if (ready.IsFound)
        {
            output.WriteLine("data: the run's own, tokenized when it was started");
        }

        if (ready.Conversations?.Description is { } template)
        {
            output.WriteLine(template);
        }

        Lines([.. LedgerText.Lines(ready.Data.Ledger), .. LedgerText.Warnings(ready.Data.Ledger)]);
        output.WriteLine(
            $"step-0 gate: none; {request.Loss.Objective.Losses} has no reference to hold the log-probabilities against");
    }

    void Lines(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            output.WriteLine(line);
        }
    }

    void Tell(TrainingEvent told)
    {
        // A rehearsal has no loop.
        display?.Tell(told);
        switch (told)
        {
            case TrainingEvent.Started { Step: > 0 } finished when finished.Step == finished.TotalSteps:
                output.WriteLine(Text($"the run is finished, after step {finished.Step} of {finished.TotalSteps}; nothing is left to do"));
                isFinished = true;
                break;
            case TrainingEvent.Started { Step: > 0 } started:
                done = started.Step;
                output.WriteLine(Text($"resumed after step {started.Step} of {started.TotalSteps}"));
                display?.Begin(started.Step, request.Out);
                break;
            case TrainingEvent.Started when request.Resume:
                output.WriteLine("there is no checkpoint to resume from: the run starts from the beginning");
                break;
            case TrainingEvent.GatePassed { Gate: var gate }:
                output.WriteLine(Text($"step-0 gate: passed on {gate.Rows} rows; loss {gate.Loss:0.000000}, ")
                    + (gate.IsBaseValue ? "its base value; " : "as the cache's log-probabilities give it; ") + "largest difference "
                    + Text($"{gate.MaxTokenDifference:0.0e0} per token and {gate.MaxSequenceDifference:0.0e0} per completion, in nats"));
                break;
            case TrainingEvent.StepDone step:
                if (step.Step == 1 || !step.Applied)
                {
                    output.WriteLine(Step(step));
                }

                done = step.Step;
                break;
            case TrainingEvent.Evaluated evaluated:
                Lines(EvaluationLines.Of(evaluated.Step, evaluated.Metrics));
                break;
            case TrainingEvent.Sampled sampled:
                Lines(EvaluationLines.Of(sampled.Answers));
                break;
            case TrainingEvent.BestFound best:
                output.WriteLine(Text($"step {best.Step}: the best so far, {best.Metric} {best.Value:G5}; its checkpoint is kept"));
                break;
            case TrainingEvent.NothingBetter end:
                output.WriteLine(EvaluationLines.Of(end));
                break;
            case TrainingEvent.CheckpointFailed failed:
                output.WriteLine(
                    Text($"step {failed.Step}: no checkpoint, since {failed.Reason}; the run goes on and tries again at the next; ")
                    + (failed.Newest is { } newest ? $"the newest is {newest}" : "there is none yet"));
                break;
            case TrainingEvent.BestFailed failed:
                output.WriteLine(Text($"step {failed.Step}: best.json is not written, since {failed.Reason}; it is tried again"));
                break;
            case TrainingEvent.BestDamaged damaged:
                output.WriteLine($"{damaged.Reason} It is made anew from {MetricsFile.FileName}");
                break;
            case TrainingEvent.CheckpointDamaged damaged:
                output.WriteLine($"checkpoint passed over: {damaged.Reason} It lies in {damaged.Path} now");
                break;
            case TrainingEvent.PutAside aside:
                output.WriteLine(Text($"what the run made after step {aside.Step} is put aside in {aside.Folder}"));
                break;
            case TrainingEvent.MetricsWait wait:
                output.WriteLine($"the log waits in memory, since {wait.Reason}; it is written when it can be");
                break;
            case TrainingEvent.MetricsWritten:
                output.WriteLine("the log is written again, and no line is missing");
                break;
        }
    }

    static string Step(TrainingEvent.StepDone step) => step.Applied
        ? Text($"step {step.Step}: loss {step.Metrics["loss"]:0.0000}, gradient norm {step.Metrics["grad_norm"]:G4}")
        : Text($"step {step.Step}: the gradient is not finite; the update is skipped ({step.Metrics["skipped_steps"]} so far)");

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
