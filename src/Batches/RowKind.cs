namespace OrtDpo.Batches;

/// <summary>What the rows of a data set are; all rows of a run are of one kind.</summary>
public enum RowKind
{
    /// <summary>A prompt with a chosen and a rejected completion.</summary>
    Pair,

    /// <summary>A prompt with one completion and a label: desirable or not.</summary>
    Unpaired,

    /// <summary>A prompt with the completion to learn.</summary>
    Supervised,
}
