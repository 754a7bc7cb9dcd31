using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives;

/// <summary>One loss: its name, what it needs, and its formula for each kind of row that it is defined for.</summary>
sealed record LossDefinition
{
    public required string Name { get; init; }

    /// <summary>One line for <c>--help</c>: the formula, and which of the numbers that go by this name elsewhere it is.</summary>
    public required string Description { get; init; }

    public required Modifiers Uses { get; init; }

    public ObjectiveRows Rows { get; init; } = ObjectiveRows.Pairs;

    public ObjectiveScope Scope { get; init; } = ObjectiveScope.Row;

    public bool NeedsReference { get; init; } = true;

    /// <summary>Whether it is a function of log-probabilities per token, which its rewards are then made from.</summary>
    public bool UsesMeans { get; init; }

    /// <summary>Whether ε must be given, and above 0.</summary>
    public bool NeedsLabelSmoothing { get; init; }

    /// <summary>Whether it needs the mismatched rows' KL.</summary>
    public bool NeedsKl { get; init; }

    /// <summary>β where none is given.</summary>
    public double DefaultBeta { get; init; } = 0.1;

    /// <summary>The loss of each pair, <c>[P]</c>; null where it is not defined for pairs.</summary>
    public Func<PairTerms, Value>? OfPairs { get; init; }

    /// <summary>The loss of each labelled completion, <c>[R]</c>.</summary>
    public Func<UnpairedTerms, Value>? OfUnpaired { get; init; }

    /// <summary>The loss of each completion to imitate, <c>[R]</c>.</summary>
    public Func<SupervisedTerms, Value>? OfSupervised { get; init; }

    /// <summary>The loss where the policy is the reference; null where that depends on the data.</summary>
    public Func<StepZero, double?> BaseLoss { get; init; } = _ => null;
}
