namespace OrtDpo.GpuCheck.Reports;

/// <summary>How a check ended, in words.</summary>
static class StatusText
{
    public static string Of(CheckStatus status) => status switch
    {
        CheckStatus.Passed => "passed",
        CheckStatus.Failed => "failed",
        CheckStatus.Junk => "junk numbers",
        CheckStatus.Skipped => "skipped",
        CheckStatus.Crashed => "crashed",
        _ => "timed out",
    };

    /// <summary>The line that is printed of a check: <c> 3 rows: passed in 4.1 s; added in 0.21 ms; ...</c>.</summary>
    public static string Line(CheckResult result)
    {
        var broken = result.Figures.Where(figure => figure.Holds == false).ToList();
        var counts = $"{result.Figures.Count(f => f.Holds is not null)} of {result.Figures.Count} figures judged";
        var told = result.Message.Length > 0 ? FirstLine(result.Message)
            : broken.Count > 0 ? string.Join("; ", broken.Select(FigureText.Of))
            : counts;
        return FormattableString.Invariant(
            $"{result.Number,2} {result.Name}: {Of(result.Status)} in {result.Seconds:0.0} s; {told}");
    }

    static string FirstLine(string text) => text.Split('\n', 2)[0];
}
