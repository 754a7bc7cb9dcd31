using System.Globalization;

namespace OrtDpo.Training;

/// <summary>How far a number of the step-0 gate lies from what is expected, and where.</summary>
/// <param name="Row">The row.</param>
/// <param name="Side">"chosen ", "rejected ", "rank 2 ", or nothing for a row's only completion.</param>
/// <param name="Token">The token's place in the completion; null for a number of the whole.</param>
/// <param name="Found">With the training graph.</param>
/// <param name="Expected">By the cache.</param>
/// <param name="Tolerance">Allowed between them.</param>
readonly record struct GateDeviation(TrainingRow Row, string Side, int? Token, double Found, double Expected, double Tolerance)
{
    public double Difference => Math.Abs(Found - Expected);

    public double Excess => double.IsNaN(Difference) ? double.PositiveInfinity : Difference / Tolerance;

    public bool IsBeyond => Excess > 1;

    public string LogpSentence()
    {
        var place = Token is { } t
            ? string.Create(CultureInfo.InvariantCulture, $"token {t} of the {Side}completion")
            : $"the {Side}completion";
        return string.Create(CultureInfo.InvariantCulture, $"row {Row.Id}: {place} has log-probability {Found:G9} with the training graph ")
            + string.Create(CultureInfo.InvariantCulture, $"and {Expected:G9} in the cache, a difference of {Difference:G3}; ")
            + string.Create(CultureInfo.InvariantCulture, $"at most {Tolerance:G3} is allowed.");
    }
}
