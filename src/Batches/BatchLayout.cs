namespace OrtDpo.Batches;

/// <summary>How the sequences of pairs lie in the rows of a batch; the model decides.</summary>
public enum BatchLayout
{
    /// <summary><c>prompt | chosen | rejected</c>, several pairs a row: for models that read <c>segment_ids</c>.</summary>
    Packed,

    /// <summary><c>prompt | completion</c>, one sequence a row: for models that know nothing but a causal mask.</summary>
    Stacked,
}
