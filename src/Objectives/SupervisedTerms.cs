using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives;

/// <summary>What a loss of completions to imitate is a function of; <c>[R]</c> each except the scalars.</summary>
sealed class SupervisedTerms(GraphBuilder b, DataType type) : LossTerms(b, type, "R", new ObjectiveOptions());
