namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>What is told while a run goes on.</summary>
static class Told
{
    public static (int Step, string Id, FindingSeverity Severity)[] Of(NumbersOfRun run)
    {
        var running = new RunningDiagnosis(run.Facts);
        return
        [
            .. running.Begin().Concat(run.Lines.SelectMany(running.Add)).Concat(running.End())
                .Select(finding => (finding.Step, finding.Id, finding.Severity)),
        ];
    }
}
