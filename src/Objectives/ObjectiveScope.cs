namespace OrtDpo.Objectives;

/// <summary>Over which rows an objective is one formula.</summary>
public enum ObjectiveScope
{
    /// <summary>A sum over rows: micro-batches can be differentiated one by one.</summary>
    Row,

    /// <summary>
    /// It compares the rows of an optimizer step with each other: the graph is evaluated once over all of them, and each micro-batch is
    /// accumulated with its part of the gradient.
    /// </summary>
    Step,
}
