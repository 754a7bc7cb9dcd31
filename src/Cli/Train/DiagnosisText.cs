using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train;

/// <summary>A diagnosis as lines: what was found with its evidence, and below it what to try.</summary>
static class DiagnosisText
{
    /// <summary>Something that holds for the first time, or has become worse.</summary>
    public static IEnumerable<string> Found(Finding finding) =>
    [
        finding.Step == 0
            ? $"diagnosis before the first step: {Name(finding)}: {OptionNames.In(finding.Evidence)}"
            : Text($"diagnosis after step {finding.Step}: ") + $"{Name(finding)}: {OptionNames.In(finding.Evidence)}",
        $"  {OptionNames.In(finding.Advice)}",
    ];

    /// <summary>What still holds at the end, or that nothing does.</summary>
    public static IEnumerable<string> Summary(Diagnosis diagnosis)
    {
        var looked = Text($"in {Count(diagnosis.Steps, "step")} and {Count(diagnosis.Evaluations, "evaluation")}");
        var notJudged = diagnosis.NotJudged.Count == 0 ? "" : $"; not judged: {string.Join("; ", diagnosis.NotJudged)}";
        List<Finding> holding = [.. diagnosis.Holding];
        if (holding.Count == 0)
        {
            yield return (diagnosis.Findings.Count == 0 ? "diagnosis: nothing found " : "diagnosis: nothing still holds ") + looked
                + notJudged;
        }
        else
        {
            yield return Text($"diagnosis: {Count(holding.Count, "finding")} at the end, {looked}{notJudged}");
        }

        foreach (var finding in holding)
        {
            yield return $"  {Name(finding)}: {OptionNames.In(finding.Evidence)}";
            yield return $"    {OptionNames.In(finding.Advice)}";
        }

        foreach (var finding in diagnosis.Findings.Where(finding => !finding.Holds))
        {
            yield return Text($"  {finding.Id} held from step {finding.Since} to {finding.Step}, and no longer");
        }
    }

    static string Name(Finding finding) => $"{(finding.Severity == FindingSeverity.Warning ? "warning" : "watch")}, {finding.Id}";

    static string Count(int number, string unit) => Text($"{number} {unit}{(number == 1 ? "" : "s")}");

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
