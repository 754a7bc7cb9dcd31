namespace OrtDpo.Objectives;

/// <summary>The divergences of f-DPO, arXiv:2309.16240, each with its score of a completion's log-ratio r.</summary>
enum FDivergence
{
    /// <summary>s = r: DPO itself.</summary>
    ReverseKl,

    /// <summary>s = −e^−r.</summary>
    ForwardKl,

    /// <summary>s = log σ(r).</summary>
    JsDivergence,

    /// <summary>s = e^((α − 1) r) / (α − 1), with α an input; α = 1 is the reverse KL.</summary>
    AlphaDivergence,
}
