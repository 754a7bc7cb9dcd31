using System.Globalization;
using OrtDpo.Ship.Statistics;

namespace OrtDpo.Ship.Checks;

/// <summary>
/// Checks of a number: the end of its 95 % interval that speaks against the run must keep to the limit, so that a small sample does not
/// pass by luck.
/// </summary>
static class Judged
{
    /// <summary>A number that must be large.</summary>
    /// <param name="name">The check.</param>
    /// <param name="found">The number.</param>
    /// <param name="limit">What its lower end must be above.</param>
    /// <param name="text">What was found, in words.</param>
    /// <param name="sentence">The same as the beginning of a sentence about a run that is blocked.</param>
    public static ReleaseCheck Above(string name, Interval found, double limit, string text, string sentence) => Of(
        name, found, limit, text, $"low end above {Number(limit)}", found.Low > limit,
        $"{sentence}, with a 95 % interval from {Number(found.Low)} to {Number(found.High)}; its low end must be above {Number(limit)}.");

    /// <summary>A number that must be small.</summary>
    /// <param name="name">The check.</param>
    /// <param name="found">The number.</param>
    /// <param name="limit">What its upper end may be.</param>
    /// <param name="text">What was found, in words.</param>
    /// <param name="sentence">The same as the beginning of a sentence about a run that is blocked.</param>
    public static ReleaseCheck AtMost(string name, Interval found, double limit, string text, string sentence) => Of(
        name, found, limit, text, $"high end at most {Number(limit)}", found.High <= limit,
        $"{sentence}, with a 95 % interval from {Number(found.Low)} to {Number(found.High)}; its high end may be at most {Number(limit)}.");

    /// <summary>A check of something that is missing.</summary>
    public static ReleaseCheck Not(string name, string reason) => new(name, Verdict.NotJudged) { Reason = reason };

    /// <summary>A check of something that the run does not have.</summary>
    public static ReleaseCheck NotApplicable(string name, string reason) => new(name, Verdict.NotApplicable) { Reason = reason };

    /// <summary>An interval for people.</summary>
    public static string Text(Interval found) => $"{Number(found.Estimate)} ({Number(found.Low)} to {Number(found.High)})";

    /// <summary>A number for people: three significant digits, and never −0.</summary>
    public static string Number(double number) => double.IsInfinity(number) ? "no bound"
        : (number == 0 ? 0 : number).ToString(
            Math.Abs(number) is >= 1e-3 and < 1e4 or 0 ? "0.###" : "0.##e0", CultureInfo.InvariantCulture);

    static ReleaseCheck Of(string name, Interval found, double limit, string text, string threshold, bool holds, string sentence) =>
        new(name, holds ? Verdict.Passed : Verdict.Blocked)
        {
            Found = text,
            Threshold = threshold,
            Reason = holds ? null : sentence,
            Value = Finite(found.Estimate),
            Low = Finite(found.Low),
            High = Finite(found.High),
            Limit = limit,
        };

    // JSON has no word for others.
    static double? Finite(double number) => double.IsFinite(number) ? number : null;
}
