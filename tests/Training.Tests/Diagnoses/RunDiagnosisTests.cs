using OrtDpo.Runs;

namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>A diagnosis beside the loop: told while it runs, and the same for a run that was killed and resumed.</summary>
public sealed class RunDiagnosisTests : IDisposable
{
    // Sixty steps with a clip that no gradient keeps to at first.
    static readonly TrainingOptions Options =
        RunTrial.Options with { LearningRate = 0.05, MaxGradNorm = 0.001f, Epochs = 12, EvalSteps = 6, SaveSteps = 5 };

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_told_is_what_the_file_has_and_what_follows_from_the_metrics()
    {
        var told = new List<Finding>();
        var closed = Run("whole", TrainingRows.Engine(), Options, told)!;
        Assert.NotEmpty(closed.Findings);
        Assert.Equal(closed.Findings.Select(f => f.Id).Order(), told.Select(f => f.Id).Distinct().Order());
        Assert.All(closed.Findings, finding => Assert.Equal(told.First(f => f.Id == finding.Id).Since, finding.Since));

        var read = Diagnosis.ReadFrom(folder.File("whole"))!;
        Assert.Equivalent(closed, read, strict: true);
        var again = Diagnosis.Of(MetricsLines.Read(folder.File("whole/metrics.jsonl")), read.Facts, ended: true);
        Assert.Equivalent(read, again, strict: true);
    }

    [Fact]
    public void A_run_that_is_killed_anywhere_and_resumed_says_the_same()
    {
        var calls = 0;
        var expected = new List<Finding>();
        Run("whole", new BigramEngine(TrainingRows.Vocabulary) { BeforeCall = _ => calls++ }, Options, expected);
        Assert.NotEmpty(expected);
        for (var fatal = calls / 10; fatal < calls; fatal += calls / 10)
        {
            var name = FormattableString.Invariant($"killed-{fatal}");
            var (before, after) = (new List<Finding>(), new List<Finding>());
            var dying = new BigramEngine(TrainingRows.Vocabulary)
            {
                BeforeCall = call =>
                {
                    if (call == fatal)
                    {
                        throw new KillException();
                    }
                },
            };
            Assert.Throws<KillException>(() => Run(name, dying, Options, before));
            Run(name, TrainingRows.Engine(), Options, after);
            Assert.Equal(File.ReadAllText(folder.File("whole/diagnosis.json")), File.ReadAllText(folder.File($"{name}/diagnosis.json")));
            // Nothing is told a second time but of the steps that were done again, and nothing is left out.
            Assert.Equal(expected, before.Concat(after).Distinct().OrderBy(finding => expected.IndexOf(finding)));
            Assert.DoesNotContain(-1, before.Concat(after).Select(finding => expected.IndexOf(finding)));
        }
    }

    [Fact]
    public void A_finished_run_that_is_resumed_says_the_same_and_tells_nothing_anew()
    {
        Run("whole", TrainingRows.Engine(), Options, []);
        var file = File.ReadAllText(folder.File("whole/diagnosis.json"));
        var told = new List<Finding>();
        Run("whole", TrainingRows.Engine(), Options, told);
        Assert.Equal(file, File.ReadAllText(folder.File("whole/diagnosis.json")));
        Assert.DoesNotContain(told, finding => finding.Step < 60);
    }

    [Fact]
    public void Nothing_that_the_run_writes_depends_on_it()
    {
        Run("with", TrainingRows.Engine(), Options, []);
        Run("without", TrainingRows.Engine(), Options, told: null);
        Assert.Equal(Files("without"), Files("with"));

        SortedDictionary<string, string> Files(string name) => new(
            Directory.GetFiles(folder.File(name), "*", SearchOption.AllDirectories)
                .Where(file => Path.GetFileName(file) != Diagnosis.FileName)
                .ToDictionary(file => Path.GetRelativePath(folder.File(name), file), file => Convert.ToHexString(File.ReadAllBytes(file))));
    }

    [Fact]
    public void Another_version_of_the_file_is_refused_and_none_is_none()
    {
        Assert.Null(Diagnosis.ReadFrom(folder.Path));
        Run("whole", TrainingRows.Engine(), Options, []);
        var path = folder.File("whole/diagnosis.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("ortdpo-diagnosis-1", "ortdpo-diagnosis-2", StringComparison.Ordinal));
        Assert.StartsWith(
            $"{path} is of format 'ortdpo-diagnosis-2'; this program reads 'ortdpo-diagnosis-1'.",
            Assert.Throws<InvalidDataException>(() => Diagnosis.ReadFrom(folder.File("whole"))).Message, StringComparison.Ordinal);
    }

    Diagnosis? Run(string name, BigramEngine engine, TrainingOptions options, List<Finding>? told)
    {
        var run = folder.File(name);
        Directory.CreateDirectory(run);
        using var loss = FormulaLoss.Sigmoid();
        var plan = new TrainingPlan(options, TrainingRows.Pairs(18), TrainingRows.Pairs(40, "eval.jsonl"));
        var facts = DiagnosisFacts.Of(plan, loss.Traits, modelParameters: 64, isAdapter: false);
        var diagnosis = told is null ? null : new RunDiagnosis(run, facts, told.Add);
        new TrainingLoop(engine, loss, plan, run, new TickingTime()) { Report = happened => diagnosis?.Hear(happened) }.Run();
        var closed = diagnosis?.Close(ended: true);
        closed?.Write(run);
        return closed;
    }

    sealed class KillException : Exception;
}
