using System.Globalization;

namespace OrtDpo.Training;

/// <summary>The learning rate of every step of a run: a pure function of the step's number.</summary>
public sealed class LearningRateSchedule
{
    readonly ScheduleNumbers numbers;

    /// <summary>A schedule of a run.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="peak">The highest learning rate.</param>
    /// <param name="totalSteps">Optimizer steps of the run.</param>
    /// <param name="warmupSteps">Steps of the rise.</param>
    /// <param name="given">What the kind takes beside them, as far as it was given.</param>
    /// <exception cref="InvalidDataException">The schedule does not fit the run; the message says where.</exception>
    public LearningRateSchedule(ScheduleKind kind, double peak, int totalSteps, int warmupSteps, ScheduleArguments? given = null)
    {
        Kind = kind;
        numbers = new ScheduleNumbers(peak, totalSteps, warmupSteps, given ?? new ScheduleArguments());
        numbers = numbers with { Arguments = kind.Complete(numbers) };
        ScheduleChecks.RequireFit(kind, given ?? new ScheduleArguments(), numbers);
    }

    /// <summary>Its kind.</summary>
    public ScheduleKind Kind { get; }

    /// <summary>The highest learning rate.</summary>
    public double Peak => numbers.Peak;

    /// <summary>Steps of the rise.</summary>
    public int WarmupSteps => numbers.WarmupSteps;

    /// <summary>What the kind takes, with what was not given.</summary>
    public ScheduleArguments Arguments => numbers.Arguments;

    /// <summary>
    /// The learning rate of step <paramref name="step"/>, from 1: what Transformers' schedule gives after <paramref name="step"/> − 1 steps
    /// of it, by which the same update is made there.
    /// </summary>
    public double At(int step) => Peak * Kind.Share(step - 1, numbers);

    /// <summary>For people: the rise, and what follows.</summary>
    public string Description
    {
        get
        {
            var rise = WarmupSteps > 0 ? string.Create(CultureInfo.InvariantCulture, $"rising over {WarmupSteps} steps, then ") : "";
            return rise + Kind.Course + (At(1) == 0 ? "; step 1 has 0" : "");
        }
    }
}
