namespace OrtDpo.Ship;

/// <summary>What a check of the release gate came to.</summary>
public enum Verdict
{
    /// <summary>What was found keeps to the threshold.</summary>
    Passed,

    /// <summary>It does not.</summary>
    Blocked,

    /// <summary>Something that the check needs is missing, or cannot be read.</summary>
    NotJudged,

    /// <summary>The run has nothing that the check is about.</summary>
    NotApplicable,

    /// <summary>The thresholds leave the check out.</summary>
    Off,
}
