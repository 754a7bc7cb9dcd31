using System.Text.Encodings.Web;
using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>
/// The evaluations of a run: scores held-out rows when it is time, logs them, has prompts answered, and watches for the best.
/// </summary>
sealed class EvaluationRounds : IDisposable
{
    static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly IScorer scorer;
    readonly ILoss loss;
    readonly TrainingPlan plan;
    readonly string runFolder;
    readonly Action<MetricsLine> log;
    readonly Action<TrainingEvent> report;
    readonly BestWatch watch;
    SamplesFile? samples;

    /// <param name="scorer">The policy.</param>
    /// <param name="loss">The objective.</param>
    /// <param name="plan">The held-out rows, and when they are scored.</param>
    /// <param name="runFolder">The run's folder.</param>
    /// <param name="checkpoints">Its checkpoints.</param>
    /// <param name="log">Adds a line to the run's metrics.</param>
    /// <param name="report">Told of what happens.</param>
    public EvaluationRounds(
        IScorer scorer, ILoss loss, TrainingPlan plan, string runFolder, Checkpoints checkpoints, Action<MetricsLine> log,
        Action<TrainingEvent> report)
    {
        this.scorer = scorer;
        this.loss = loss;
        this.plan = plan;
        this.runFolder = runFolder;
        this.log = log;
        this.report = report;
        watch = new BestWatch(plan.Options.Evaluation, runFolder, checkpoints, report);
    }

    /// <summary>Has the policy answer prompts; null: nothing is asked.</summary>
    public Func<IReadOnlyList<SampledAnswer>>? Answers { get; init; }

    /// <summary>Whether the run ends after the last evaluation, whatever steps are left.</summary>
    public bool AreOver => watch.IsOver;

    /// <summary>Takes what the run has behind it; its metrics are cut back to its checkpoint.</summary>
    /// <param name="step">Steps that are done.</param>
    public void Begin(int step)
    {
        watch.Begin(step);
        // A finished run is as its manifest says, whatever it is asked now.
        if ((step == plan.TotalSteps || AreOver) && File.Exists(Path.Combine(runFolder, RunManifest.FileName)))
        {
            return;
        }

        watch.Mend();
        samples = Answers is null ? null : new SamplesFile(runFolder, step);
    }

    /// <summary>Tells that the run is over, if it is.</summary>
    public void TellEnd(int step) => watch.TellEnd(step);

    /// <summary>Evaluates after a step, where it is time.</summary>
    /// <exception cref="InvalidDataException">The metric that says which is the best is none of the evaluation's.</exception>
    /// <exception cref="OperationCanceledException">The run is to stop: nothing was logged, and it can be made again.</exception>
    public void Evaluate(int step)
    {
        if (!plan.EvaluatesAfter(step))
        {
            return;
        }

        var line = plan.EvalRows.Count > 0 ? Score(step) : null;
        var answered = Answers?.Invoke();
        if (line is not null)
        {
            log(line);
            report(new TrainingEvent.Evaluated(step, line));
        }

        if (answered is not null)
        {
            samples!.Append(answered.Select(answer => JsonSerializer.Serialize(
                new { step, prompt = answer.Prompt, answer = answer.Answer, tokens = answer.Tokens, ended = answer.IsEnded }, Json)));
            report(new TrainingEvent.Sampled(step, answered));
        }

        // Last: whoever listens hears of the end behind what was found.
        if (line is not null)
        {
            watch.Hear(step, line);
            watch.TellEnd(step);
        }
    }

    /// <summary>Whether the evaluation after that step is the best so far, and has no checkpoint yet.</summary>
    public bool WantCheckpoint(int step) => watch.WantsCheckpoint(step);

    /// <summary>The step of the best checkpoint; null: there is none.</summary>
    public int? Best => watch.Best;

    /// <summary>Notes that the checkpoint of a step is on the disk.</summary>
    /// <exception cref="IOException">Which is the best cannot be written; the next call tries again.</exception>
    public void Saved(int step) => watch.Saved(step);

    public void Dispose() => samples?.Dispose();

    MetricsLine Score(int step)
    {
        var options = plan.Options;
        var line = Evaluation.Score(
            scorer, loss, plan.EvalRows, options.MicroPairs, new MetricsLine().Add("step", step), options.MicroPositions);
        watch.Require(step, line);
        return line;
    }
}
