using OrtDpo.Pipeline.Tests.Fixtures;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Pipeline.Tests.Diagnoses;

/// <summary>What a trained run says of itself.</summary>
static class Diagnosed
{
    /// <summary>The file of a run, which says what follows from its metrics.</summary>
    public static Diagnosis Of(string run)
    {
        var diagnosis = Diagnosis.ReadFrom(run)!;
        Found.Keep($"diagnoses/{Path.GetFileName(run)}.json", File.ReadAllText(Path.Combine(run, Diagnosis.FileName)));
        var lines = MetricsLines.Read(Path.Combine(run, MetricsFile.FileName));
        Assert.Equivalent(diagnosis, Diagnosis.Of(lines, diagnosis.Facts, diagnosis.Ended), strict: true);
        return diagnosis;
    }

    /// <summary>One of its findings.</summary>
    public static Finding Finding(string run, string id) => Assert.Single(Of(run).Findings, finding => finding.Id == id);
}
