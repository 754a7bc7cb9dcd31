using System.Globalization;
using OrtDpo.Export;
using OrtDpo.Train;

namespace OrtDpo.Ship.Checks;

/// <summary>Whether the exported model, run as a host runs it, says what the policy says: measured now, and not read from a file.</summary>
static class ParityCheck
{
    /// <summary>The check.</summary>
    /// <param name="export">The export.</param>
    /// <param name="heldOut">The rows on which it is compared.</param>
    /// <param name="compare">Compares.</param>
    public static ReleaseCheck Of(Attempt<ExportedModel> export, Attempt<HeldOutRows> heldOut, Func<ExportedModel, Compared> compare)
    {
        if (export.Value is not { } model)
        {
            return new("parity", Verdict.Blocked) { Found = "does not load", Reason = export.WhyNot };
        }

        if (heldOut.Value is not { Rows.Count: > 0 })
        {
            return Judged.Not("parity", heldOut.WhyNot ?? "No rows are held out. Run precompute, or train, with `EvalFraction`.");
        }

        var attempt = Attempt<Compared>.Of(() => compare(model));
        if (attempt.Value is not { } compared)
        {
            return Judged.Not("parity", attempt.WhyNot!);
        }

        if (compared.Report is not { } report)
        {
            return new("parity", Verdict.Blocked) { Found = "does not run", Reason = compared.Fault };
        }

        // What was not run may be wrong, and is not known to be right.
        return new("parity", !report.Holds ? Verdict.Blocked : model.NotRun is null ? Verdict.Passed : Verdict.NotJudged)
        {
            Found = Text(
                $"mean {report.MeanDifference:0.0e0}, at most {report.MaxDifference:0.0e0} nats a token, {report.Tokens} tokens"),
            Threshold = Text($"at most {Judged.Number(report.MeanLimit)} and {Judged.Number(report.MaxLimit)} ({model.Form})"),
            Value = double.IsFinite(report.MaxDifference) ? report.MaxDifference : null,
            Limit = report.MaxLimit,
            Reason = report.Fault is { } fault ? $"The exported model is not the policy: {fault}. Export the run again." : model.NotRun,
        };
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>An export beside its policy.</summary>
/// <param name="Report">How far apart they are; null: the export does not run.</param>
/// <param name="Fault">Why it does not; null where it does.</param>
sealed record Compared(ParityReport? Report, string? Fault);
