namespace OrtDpo.Training;

/// <summary>When the held-out rows are scored.</summary>
public enum EvaluationTimes
{
    /// <summary>Before the first step, every so many (<see cref="TrainingOptions.EvalSteps"/>), and after the last.</summary>
    Steps,

    /// <summary>Before the first step, after each pass over the training rows, and after the last step.</summary>
    Epoch,

    /// <summary>Never.</summary>
    No,
}
