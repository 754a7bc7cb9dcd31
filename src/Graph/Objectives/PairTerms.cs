using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Objectives;

/// <summary>What a pair loss is a function of, <c>[P]</c> each except the scalars.</summary>
/// <param name="PolicyChosenLogps">Sums, nats.</param>
/// <param name="PolicyRejectedLogps">Sums, nats.</param>
/// <param name="RefChosenLogps">Sums, nats.</param>
/// <param name="RefRejectedLogps">Sums, nats.</param>
/// <param name="Beta">Scalar: the temperature of the implicit reward.</param>
public readonly record struct PairTerms(
    Value PolicyChosenLogps, Value PolicyRejectedLogps, Value RefChosenLogps, Value RefRejectedLogps, Value Beta);
