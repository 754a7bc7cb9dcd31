using System.Globalization;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>
/// Trains: steps, metrics, evaluations, checkpoints. A run that was killed and resumed ends with the same weights and the same
/// <c>metrics.jsonl</c>, but for timings, as one that was not.
/// </summary>
public sealed class TrainingLoop
{
    /// <summary>Steps in a row without a finite gradient after which a run stops: one may be bad luck, five are a diverged model.</summary>
    public const int MaxSkippedInARow = 5;

    readonly ITrainingEngine engine;
    readonly ILoss loss;
    readonly TrainingPlan plan;
    readonly string runFolder;
    readonly TimeProvider time;
    EvaluationRounds? evaluations;

    /// <summary>A loop over <paramref name="plan"/> that writes into <paramref name="runFolder"/>, which exists.</summary>
    public TrainingLoop(ITrainingEngine engine, ILoss loss, TrainingPlan plan, string runFolder, TimeProvider time)
    {
        this.engine = engine;
        this.loss = loss;
        this.plan = plan;
        this.runFolder = runFolder;
        this.time = time;
    }

    /// <summary>
    /// Files to copy into every checkpoint, so that it is a model folder of its own: the configuration and the tokenizer.
    /// </summary>
    public IReadOnlyList<string> ModelFiles { get; init; } = [];

    /// <summary>Whether the policy is the cache's reference before the first step, which the step-0 gate then checks.</summary>
    public bool StartsAsReference { get; init; }

    /// <summary>
    /// The step whose checkpoint the run goes on from, where it is not the newest: what is newer is put aside. null = the newest.
    /// </summary>
    public int? ResumeStep { get; init; }

    /// <summary>
    /// Ends the run early: it finishes the step that it is in, or gives up the evaluation, which the run that goes on makes; it saves, and
    /// <see cref="Run"/> throws.
    /// </summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Has the policy answer prompts, where it is asked some at evaluations; null: it is not. Stops when it is told to.</summary>
    public Func<CancellationToken, IReadOnlyList<SampledAnswer>>? Answers { get; init; }

    /// <summary>Told of what happens.</summary>
    public Action<TrainingEvent> Report { get; init; } = _ => { };

    Checkpoints Checkpoints => new(runFolder)
    {
        Kept = plan.Options.Checkpoints.SaveTotalLimit,
        KeptAlways = KeptAlways,
    };

    /// <summary>Trains from the newest checkpoint that is whole, or from the beginning where there is none, to the end.</summary>
    /// <returns>The state of the last checkpoint.</returns>
    /// <exception cref="InvalidDataException">
    /// No checkpoint is whole, or the newest belongs to other rows; the gate failed, or gradients stopped being finite.
    /// </exception>
    /// <exception cref="IOException">
    /// The run's folder is gone, or the last checkpoint could not be written; the message names the newest one that was.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// The run was stopped (<see cref="Stop"/>); the message says after which step.
    /// </exception>
    public TrainerState Run()
    {
        var state = Start();
        var scoring = new StoppableEngine(engine, Stop);
        if (state.Step == 0)
        {
            Report(new TrainingEvent.Started(0, plan.TotalSteps));
            PassGate(scoring);
        }

        using var metrics = new MetricsFile(Path.Combine(runFolder, MetricsFile.FileName), state.MetricsBytes);
        using var rounds = new EvaluationRounds(scoring, loss, plan, runFolder, Checkpoints, line => Log(line, metrics), Report)
        {
            Answers = Answers is { } answers ? () => answers(Stop) : null,
        };
        evaluations = rounds;
        rounds.Begin(state.Step);
        if (state.Step > 0)
        {
            Report(new TrainingEvent.Started(state.Step, plan.TotalSteps) { IsOver = rounds.AreOver });
            rounds.TellEnd(state.Step);
        }

        var saves = new SaveTimes(plan, time);
        // What the newest checkpoint says; null before the first.
        var saved = state.Step == 0 ? null : state;
        for (state = state with { EvaluationDue = state.EvaluationDue || state.Step == 0 }; ; state = Step(state, metrics))
        {
            state = state with { EvaluationDue = state.EvaluationDue && !Evaluate(state.Step, rounds) };
            var isDone = (state.Step == plan.TotalSteps || rounds.AreOver) && !state.EvaluationDue;
            var isSaved = state.Step == 0 || (saved?.Step == state.Step && saved.EvaluationDue == state.EvaluationDue);
            if (!isSaved && (isDone || Stop.IsCancellationRequested))
            {
                saved = SaveLast(state, metrics);
            }
            else if (!isSaved && (saves.IsDue(state.Step) || rounds.WantCheckpoint(state.Step)))
            {
                saved = TrySave(state, metrics) ?? saved;
                saves.Restart();
            }

            if (saved?.Step == state.Step)
            {
                NoteSaved(state.Step, rounds, isLast: isDone);
            }

            if (isDone)
            {
                return saved!;
            }

            if (Stop.IsCancellationRequested)
            {
                throw Stopped(saved);
            }
        }
    }

    /// <summary>
    /// Does what <see cref="Run"/> does before its first step, and writes nothing: finds and reads the checkpoint that it goes on from, or
    /// passes the gate.
    /// </summary>
    /// <returns>The state that the run would begin with.</returns>
    /// <exception cref="InvalidDataException">As of <see cref="Run"/>.</exception>
    public TrainerState Rehearse()
    {
        if (Find().Found is { } found)
        {
            engine.ReadState(Checkpoints.PathOf(found.Step));
            MetricsFile.Check(Path.Combine(runFolder, MetricsFile.FileName), found.MetricsBytes);
            return found;
        }

        PassGate(new StoppableEngine(engine, Stop));
        return Fresh();
    }

    TrainerState Start()
    {
        var (found, damaged) = Find();
        foreach (var fault in damaged)
        {
            Report(new TrainingEvent.CheckpointDamaged(fault.Step, fault.Reason, Checkpoints.PutAsideDamaged(fault.Step)));
        }

        if (ResumeStep is { } chosen && Checkpoints.PutAsideAfter(chosen) is { } aside)
        {
            Report(new TrainingEvent.PutAside(chosen, aside));
        }

        // Not before: what is too old may be all that is whole.
        Checkpoints.Tidy();
        if (found is null)
        {
            return Fresh();
        }

        engine.ReadState(Checkpoints.PathOf(found.Step));
        return found;
    }

    (TrainerState? Found, IReadOnlyList<CheckpointFault> Damaged) Find()
    {
        var (found, damaged) = ResumeStep is { } step ? (ReadChosen(step), []) : Checkpoints.ReadNewestWhole();
        if (found is null && damaged is [var newest, ..])
        {
            throw new InvalidDataException($"{newest.Reason} No other checkpoint of the run is whole: restore the file, "
                + "or start the run again elsewhere.");
        }

        RequireSameRun(found);
        return (found, damaged);
    }

    TrainerState ReadChosen(int step) => Checkpoints.Steps().Contains(step)
        ? Checkpoints.Read(step)
        : throw new InvalidDataException(Checkpoints.Lacks(step));

    TrainerState Fresh() => new()
    {
        Format = TrainerState.CurrentFormat,
        Step = 0,
        TotalSteps = plan.TotalSteps,
        StepsPerEpoch = plan.StepsPerEpoch,
        WarmupSteps = plan.Schedule.WarmupSteps,
        Seed = plan.Options.Seed,
        SkippedSteps = 0,
        SkippedInARow = 0,
        TrainedTokens = 0,
        MetricsBytes = 0,
        DataDigest = plan.DataDigest,
        Files = [],
    };

    IEnumerable<int> KeptAlways()
    {
        try
        {
            return new[] { BestCheckpoint.Find(runFolder)?.Step, evaluations?.Best }.OfType<int>();
        }
        catch (InvalidDataException) when (plan.Options.Evaluation.HasBest)
        {
            // Until it is found anew it may be any of them.
            return Checkpoints.Steps();
        }
    }

    void RequireSameRun(TrainerState? state)
    {
        var fresh = Fresh();
        var expected = state is null ? null : state with
        {
            TotalSteps = fresh.TotalSteps,
            StepsPerEpoch = fresh.StepsPerEpoch,
            WarmupSteps = fresh.WarmupSteps,
            Seed = fresh.Seed,
            DataDigest = fresh.DataDigest,
        };
        if (state != expected)
        {
            throw new InvalidDataException(
                $"{Checkpoints.PathOf(state!.Step)} was written by a run over other rows or steps than this one. "
                + "Resume with the run's own cache and options.");
        }
    }

    void PassGate(ITrainingEngine scoring)
    {
        if (!StartsAsReference)
        {
            return;
        }

        try
        {
            Report(new TrainingEvent.GatePassed(StepZeroGate.Check(scoring, loss, plan)));
        }
        catch (OperationCanceledException) when (Stop.IsCancellationRequested)
        {
            throw Stopped(saved: null);
        }
    }

    TrainerState Step(TrainerState before, MetricsFile metrics)
    {
        var start = time.GetTimestamp();
        var number = before.Step + 1;
        var rows = plan.RowsOf(number);
        var sums = new StepPass(engine, loss, plan.Options.MicroPairs, plan.Options.MicroPositions).Accumulate(rows);
        var result = engine.Apply(plan.UpdateOf(number, before.SkippedSteps));
        var tokens = rows.Sum(r => (long)r.SequenceTokens);
        var state = before with
        {
            Step = number,
            SkippedSteps = before.SkippedSteps + (result.Applied ? 0 : 1),
            SkippedInARow = result.Applied ? 0 : before.SkippedInARow + 1,
            TrainedTokens = before.TrainedTokens + tokens,
            EvaluationDue = plan.EvaluatesAfter(number),
        };

        var line = new MetricsLine().Add("step", number).Add("epoch", plan.EpochAfter(number));
        sums.WriteTo(line);
        line.Add("grad_norm", result.GradNorm)
            .Add("learning_rate", plan.Schedule.At(number))
            .Add("skipped_steps", state.SkippedSteps)
            .Add("num_tokens", state.TrainedTokens)
            .Add("tokens_per_second", tokens / time.GetElapsedTime(start).TotalSeconds);
        Log(line, metrics);
        Report(new TrainingEvent.StepDone(number, plan.TotalSteps, result.Applied, line));
        return state.SkippedInARow < MaxSkippedInARow ? state : throw NeverFinite(state);
    }

    // Whether it was made, or none is to be: a run that is to stop gives it up in its middle.
    bool Evaluate(int step, EvaluationRounds rounds)
    {
        try
        {
            rounds.Evaluate(step);
            return true;
        }
        catch (OperationCanceledException) when (Stop.IsCancellationRequested)
        {
            return false;
        }
    }

    void Log(MetricsLine line, MetricsFile metrics)
    {
        var waited = metrics.Fault is not null;
        metrics.Append(line);
        // A file that was removed takes lines as before, and nobody finds them: where it is gone, the run would leave nothing.
        if (!metrics.IsThere)
        {
            throw new DirectoryNotFoundException(Directory.Exists(runFolder)
                ? $"{Path.Combine(runFolder, MetricsFile.FileName)} is gone: it was removed or renamed while the run wrote it. "
                    + "Put it back and go on with `Resume`, or start the run again elsewhere."
                : $"{runFolder} is gone: it was removed or renamed while the run wrote it. "
                    + "Put it back and go on with `Resume`, or start the run again.");
        }

        if (metrics.Fault is { } fault && !waited)
        {
            Report(new TrainingEvent.MetricsWait(Reason(fault)));
        }
        else if (metrics.Fault is null && waited)
        {
            Report(new TrainingEvent.MetricsWritten());
        }
    }

    TrainerState Save(TrainerState state, MetricsFile metrics)
    {
        metrics.FlushToDisk();
        var saved = state with { MetricsBytes = metrics.Length };
        var path = Checkpoints.Write(state.Step, engine.WriteState, ModelFiles, files => saved = saved with { Files = files });
        Report(new TrainingEvent.CheckpointWritten(state.Step, path));
        return saved;
    }

    // A night is long: there may be space again when the next one is due, and until then nothing is lost but what a crash would take.
    TrainerState? TrySave(TrainerState state, MetricsFile metrics)
    {
        try
        {
            return Save(state, metrics);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(new TrainingEvent.CheckpointFailed(state.Step, Reason(e), NewestPath()));
            return null;
        }
    }

    // As a checkpoint is, what says which is the best is tried again, and must be there at the end.
    void NoteSaved(int step, EvaluationRounds rounds, bool isLast)
    {
        try
        {
            rounds.Saved(step);
        }
        catch (Exception e) when (!isLast && e is IOException or UnauthorizedAccessException)
        {
            Report(new TrainingEvent.BestFailed(step, Reason(e)));
        }
    }

    TrainerState SaveLast(TrainerState state, MetricsFile metrics)
    {
        try
        {
            return Save(state, metrics);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var newest = NewestPath() is { } path
                ? $"The newest is {path}. Mend that, then go on from there with `Resume`."
                : "There is none before it.";
            throw new IOException($"The checkpoint after step {state.Step} could not be written: {Reason(e)}. {newest}", e);
        }
    }

    OperationCanceledException Stopped(TrainerState? saved) => new(
        saved is null
            ? "The run was stopped before its first step; the same command begins it."
            : $"The run was stopped after step {saved.Step} of {plan.TotalSteps}, and saved as {Checkpoints.PathOf(saved.Step)}. "
                + "Go on with `Resume`.",
        Stop);

    string? NewestPath() => Checkpoints.Steps() is [.., var step] ? Checkpoints.PathOf(step) : null;

    static string Reason(Exception e) => e is IOException io && AtomicFile.IsDiskFull(io) ? "the disk is full" : e.Message.TrimEnd('.');

    InvalidDataException NeverFinite(TrainerState state)
    {
        var last = NewestPath() is { } newest ? $"The last checkpoint is {newest}." : "There is no checkpoint.";
        return new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"The gradient was not finite in steps {state.Step - MaxSkippedInARow + 1} to {state.Step}. "
            + $"{last} Train again with a lower learning rate."));
    }
}
