namespace OrtDpo.Artifacts.Graphs;

/// <summary>What an objective's rows are.</summary>
public enum ArtifactRows
{
    /// <summary>A chosen and a rejected completion.</summary>
    Pair,

    /// <summary>One completion with a label.</summary>
    Unpaired,

    /// <summary>One completion to imitate.</summary>
    Supervised,
}

/// <summary>Over which rows an objective is one formula.</summary>
public enum ArtifactScope
{
    /// <summary>Each by itself: a step may be accumulated from several batches.</summary>
    Row,

    /// <summary>All of an optimizer step.</summary>
    Step,
}
