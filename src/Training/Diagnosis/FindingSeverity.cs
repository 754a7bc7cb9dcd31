namespace OrtDpo.Training;

/// <summary>How much a finding matters.</summary>
public enum FindingSeverity
{
    /// <summary>May be as it should be; worth a look.</summary>
    Watch,

    /// <summary>The run does not do what it is for, or harms the model.</summary>
    Warning,
}
