using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Export;

namespace OrtDpo.Cli.Export;

/// <summary>How near an exported model is to what it was made from, for people.</summary>
static class ParityLines
{
    /// <summary>Tells of an export.</summary>
    /// <param name="parity">What was found.</param>
    /// <param name="isHeldOut">Whether that was on held-out rows.</param>
    /// <param name="exact">What was rounded, where something was.</param>
    /// <param name="output">Where it is told.</param>
    public static void Tell(ParityReport parity, bool isHeldOut, string exact, ProgramOutput output)
    {
        if (parity.Rounding is { } rounding)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"rounding: against {exact} it moved log-probabilities by {rounding.MeanDifference:0.0e0} on average "
                + $"and at most {rounding.MaxDifference:0.0e0} nats per token{Limits(rounding)}; parity is with what is stored"));
            Tell("preferences", "a higher log-probability per token", parity.Preferences, output);
            Tell("rewards", "a higher reward", parity.Rewards, output);
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"parity: mean {parity.MeanDifference:0.0e0} and at most {parity.MaxDifference:0.0e0} nats per token "
            + $"on {parity.Tokens} tokens of {parity.Pairs} {(isHeldOut ? "held-out" : "training")} rows "
            + $"(limits {parity.MeanLimit:0e0} and {parity.MaxLimit:0e0})"));
        if (parity.Compute is { Reason: { } reason } compute)
        {
            output.WriteLine($"{compute.Dtype}: {compute.Status}. {reason}");
        }

        if (parity.Cache is { } cache)
        {
            var ties = cache.Ties == 0 ? "" : string.Create(
                CultureInfo.InvariantCulture, $", but {cache.Ties} whose two likeliest lie within 1e-4 nats");
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"cache: decoding with it makes the tokens that running all at once makes{ties}; mean {cache.MeanDifference:0.0e0} and "
                + $"at most {cache.MaxDifference:0.0e0} nats per token on {cache.Tokens} tokens after {cache.Prompts} prompts"));
        }
    }

    static string Limits(Rounding rounding) => rounding is not { MeanLimit: { } mean, MaxLimit: { } max } ? "" : string.Create(
        CultureInfo.InvariantCulture, $" (limits {mean:0.0e0} and {max:0.0e0})");

    static void Tell(string what, string has, OrderParity? order, ProgramOutput output)
    {
        if (order is not null)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: the chosen completion has {has} in {100 * order.ExportedAccuracy:0.0} % of the pairs, and by the policy in "
                + $"{100 * order.PolicyAccuracy:0.0} %; {order.Changed} of {order.Pairs} pairs changed their order (limit {order.Limit})"));
        }
    }
}
