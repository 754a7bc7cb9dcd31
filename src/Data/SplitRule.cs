namespace OrtDpo.Data;

/// <summary>Where held-out rows come from.</summary>
/// <param name="EvalFraction">Share of prompts that is held out; 0 = none.</param>
/// <param name="Seed">Which prompts.</param>
/// <param name="AllowLeak">Whether a prompt may be in the training data and in the evaluation data.</param>
public sealed record SplitRule(double EvalFraction, long Seed, bool AllowLeak = false)
{
    /// <summary>Nothing is held out by hash, and a leak is an error.</summary>
    public static SplitRule None { get; } = new(EvalFraction: 0, Seed: 0, AllowLeak: false);
}
