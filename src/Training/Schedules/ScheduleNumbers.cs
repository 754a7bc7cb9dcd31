namespace OrtDpo.Training;

/// <summary>What the formula of a schedule is a function of, beside the step.</summary>
/// <param name="Peak">The highest learning rate.</param>
/// <param name="TotalSteps">Optimizer steps of the run.</param>
/// <param name="WarmupSteps">Steps of the rise.</param>
/// <param name="Arguments">What the schedule takes beside them.</param>
public sealed record ScheduleNumbers(double Peak, int TotalSteps, int WarmupSteps, ScheduleArguments Arguments);
