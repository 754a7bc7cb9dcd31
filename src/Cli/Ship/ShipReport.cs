using System.Globalization;
using System.Text.Json;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Runs;
using OrtDpo.Ship;
using OrtDpo.Ship.Thresholds;

namespace OrtDpo.Cli.Ship;

/// <summary>
/// What the release gate found: the table or the object on stdout, and on stderr a sentence for each check that is blocked or not judged.
/// </summary>
static class ShipReport
{
    /// <returns>The exit code.</returns>
    internal static int Run(
        ReleaseRequest request, string? thresholds, string? file, bool json, ProgramOutput output, TextWriter error)
    {
        var path = file is null ? null : Outside(file, request);
        var found = ReleaseGate.Judge(
            thresholds is null ? request : request with { Thresholds = ThresholdFile.Read(thresholds) });
        // The sentences of libraries name properties.
        var report = found with
        {
            DeviceNote = found.DeviceNote is { } note ? OptionNames.In(note) : null,
            Checks = [.. found.Checks.Select(check => check with { Reason = check.Reason is { } reason ? OptionNames.In(reason) : null })],
        };
        var text = JsonSerializer.Serialize(report, FileJson.Options);
        if (path is not null)
        {
            AtomicFile.WriteText(path, text + "\n");
        }

        if (json)
        {
            output.WriteLine(text);
        }
        else
        {
            Tell(report, output);
        }

        foreach (var check in report.Checks.Where(check => check.Verdict is Verdict.Blocked or Verdict.NotJudged))
        {
            error.WriteLine(string.Join(' ', $"{check.Name}: {check.Reason}".Split(
                ['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
        }

        return report.Outcome switch
        {
            ReleaseOutcome.Ships => CommandLineProgram.Success,
            ReleaseOutcome.Blocked => CommandLineProgram.Blocked,
            _ => CommandLineProgram.WorldFailure,
        };
    }

    // What lies there has digests that are looked at.
    static string Outside(string file, ReleaseRequest request)
    {
        var full = Path.GetFullPath(file);
        foreach (var folder in (string[])[request.Run, request.Export])
        {
            var within = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
            if (full.StartsWith(within, StringComparison.Ordinal))
            {
                throw new IOException($"{Report} {file} is within {folder}, whose files are judged. Choose a path outside of it.");
            }
        }

        return file;
    }

    static readonly string Report = OptionNames.Of("Report");

    static void Tell(ReleaseReport report, ProgramOutput output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"run: {report.Run}, step {report.Step}, loss {report.Loss}"));
        output.WriteLine($"export: {report.Export}");
        output.WriteLine($"device: {report.Device}{(report.DeviceNote is { } note ? $", since {note}" : "")}");
        output.WriteLine();
        output.WriteTable(
        [
            ["check", "verdict", "found", "asked for"],
            .. report.Checks.Select(check => (string[])[check.Name, Word(check.Verdict), check.Found, check.Threshold]),
        ]);
        output.WriteLine();
        foreach (var check in report.Checks.Where(check => check.Verdict == Verdict.NotApplicable))
        {
            output.WriteLine($"{check.Name}: {check.Reason}");
        }

        output.WriteLine(report.Outcome switch
        {
            ReleaseOutcome.Ships => "it ships",
            ReleaseOutcome.Blocked => $"blocked: {Names(report, Verdict.Blocked, Verdict.NotJudged)}",
            _ => $"not judged: {Names(report, Verdict.NotJudged)}",
        });
    }

    static string Names(ReleaseReport report, params Verdict[] verdicts) =>
        string.Join(", ", report.Checks.Where(check => verdicts.Contains(check.Verdict)).Select(check => check.Name));

    static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Passed => "passed",
        Verdict.Blocked => "BLOCKED",
        Verdict.NotJudged => "NOT JUDGED",
        Verdict.NotApplicable => "not applicable",
        _ => "off",
    };
}
