using static System.FormattableString;

namespace OrtDpo.Training;

/// <summary>Parts of advice that several rules give: a setting to be moved, with what it is now.</summary>
static class Advice
{
    public static string LowerRate(DiagnosisFacts facts) => Rate("lower", facts);

    public static string HigherRate(DiagnosisFacts facts) => Rate("higher", facts);

    /// <summary>Behind other advice, with <paramref name="before"/> in front of it; empty where the objective has no beta.</summary>
    public static string LowerBeta(DiagnosisFacts facts, string before) => Beta("lower", facts, before);

    /// <inheritdoc cref="LowerBeta"/>
    public static string HigherBeta(DiagnosisFacts facts, string before) => Beta("higher", facts, before);

    static string Rate(string way, DiagnosisFacts facts) => Invariant($"a {way} `LearningRate` (it is {facts.LearningRate:0.##e0})");

    static string Beta(string way, DiagnosisFacts facts, string before) =>
        facts.Beta is { } beta ? Invariant($"{before}a {way} `Beta` (it is {beta})") : "";
}
