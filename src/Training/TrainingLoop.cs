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
    readonly Checkpoints checkpoints;
    readonly TimeProvider time;

    /// <summary>A loop over <paramref name="plan"/> that writes into <paramref name="runFolder"/>, which exists.</summary>
    public TrainingLoop(ITrainingEngine engine, ILoss loss, TrainingPlan plan, string runFolder, TimeProvider time)
    {
        this.engine = engine;
        this.loss = loss;
        this.plan = plan;
        this.runFolder = runFolder;
        this.time = time;
        checkpoints = new Checkpoints(runFolder);
    }

    /// <summary>
    /// Files to copy into every checkpoint, so that it is a model folder of its own: the configuration and the tokenizer.
    /// </summary>
    public IReadOnlyList<string> ModelFiles { get; init; } = [];

    /// <summary>Whether the policy is the cache's reference before the first step, which the step-0 gate then checks.</summary>
    public bool StartsAsReference { get; init; }

    /// <summary>Told of what happens.</summary>
    public Action<TrainingEvent> Report { get; init; } = _ => { };

    /// <summary>Trains from the newest checkpoint, or from the beginning where there is none, to the end.</summary>
    /// <returns>The state of the last checkpoint.</returns>
    /// <exception cref="InvalidDataException">
    /// A checkpoint is damaged or belongs to other rows, the gate failed, or gradients stopped being finite.
    /// </exception>
    public TrainerState Run()
    {
        checkpoints.Tidy();
        var state = checkpoints.ReadNewest() is { } newest ? Resume(newest) : Fresh();
        Report(new TrainingEvent.Started(state.Step, plan.TotalSteps));
        if (state.Step == 0)
        {
            PassGate();
        }

        using var metrics = new MetricsFile(Path.Combine(runFolder, MetricsFile.FileName), state.MetricsBytes);
        if (state.Step == 0)
        {
            Evaluate(0, metrics);
        }

        while (state.Step < plan.TotalSteps)
        {
            state = Step(state, metrics);
            var isLast = state.Step == plan.TotalSteps;
            if (isLast || state.Step % plan.Options.EvalSteps == 0)
            {
                Evaluate(state.Step, metrics);
            }

            if (isLast || state.Step % plan.Options.SaveSteps == 0)
            {
                state = Save(state, metrics);
            }
        }

        return state;
    }

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

    TrainerState Resume(TrainerState state)
    {
        var fresh = Fresh();
        var expected = state with
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
                $"{checkpoints.PathOf(state.Step)} was written by a run over other rows or steps than this one. "
                + "Resume with the run's own cache and options.");
        }

        engine.ReadState(checkpoints.PathOf(state.Step));
        return state;
    }

    void PassGate()
    {
        if (StartsAsReference)
        {
            Report(new TrainingEvent.GatePassed(StepZeroGate.Check(engine, loss, plan)));
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
        };

        var line = new MetricsLine().Add("step", number).Add("epoch", plan.EpochAfter(number));
        sums.WriteTo(line);
        line.Add("grad_norm", result.GradNorm)
            .Add("learning_rate", plan.Schedule.At(number))
            .Add("skipped_steps", state.SkippedSteps)
            .Add("num_tokens", state.TrainedTokens)
            .Add("tokens_per_second", tokens / time.GetElapsedTime(start).TotalSeconds);
        metrics.Append(line);
        Report(new TrainingEvent.StepDone(number, plan.TotalSteps, result.Applied, line));
        return state.SkippedInARow < MaxSkippedInARow ? state : throw NeverFinite(state);
    }

    void Evaluate(int step, MetricsFile metrics)
    {
        if (plan.EvalRows.Count == 0)
        {
            return;
        }

        var line = Evaluation.Score(
            engine, loss, plan.EvalRows, plan.Options.MicroPairs, new MetricsLine().Add("step", step), plan.Options.MicroPositions);
        metrics.Append(line);
        Report(new TrainingEvent.Evaluated(step, line));
    }

    TrainerState Save(TrainerState state, MetricsFile metrics)
    {
        metrics.FlushToDisk();
        var saved = state with { MetricsBytes = metrics.Length };
        var path = checkpoints.Write(state.Step, engine.WriteState, ModelFiles, files => saved = saved with { Files = files });
        Report(new TrainingEvent.CheckpointWritten(state.Step, path));
        return saved;
    }

    InvalidDataException NeverFinite(TrainerState state)
    {
        var last = checkpoints.Steps() is [.., var step]
            ? $"The last checkpoint is {checkpoints.PathOf(step)}."
            : "There is no checkpoint.";
        return new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"The gradient was not finite in steps {state.Step - MaxSkippedInARow + 1} to {state.Step}. "
            + $"{last} Train again with a lower learning rate."));
    }
}
