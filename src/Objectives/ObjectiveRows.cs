namespace OrtDpo.Objectives;

/// <summary>What one row of an objective's data is, and so what R counts.</summary>
public enum ObjectiveRows
{
    /// <summary>A chosen and a rejected completion of one prompt: R = 2P, the chosen ones first.</summary>
    Pairs,

    /// <summary>One completion with a label, desirable or not.</summary>
    Unpaired,

    /// <summary>One completion to imitate.</summary>
    Supervised,
}
