namespace OrtDpo.Data;

/// <summary>Which turns of the assistant's a supervised run learns from a whole conversation (<c>messages</c>).</summary>
public enum ScoredTurns
{
    /// <summary>The last alone; all before is its prompt.</summary>
    Last,

    /// <summary>
    /// Each, as a row by itself behind everything before it: what the model reads then is what the template writes at that point of a
    /// conversation, also where it writes earlier turns otherwise later (thoughts that are left out once they are answered).
    /// </summary>
    All,
}
