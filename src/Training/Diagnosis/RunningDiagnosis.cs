using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>A diagnosis that grows with a run's lines: the same for the same lines, however often the run was interrupted.</summary>
sealed class RunningDiagnosis(DiagnosisFacts facts)
{
    readonly RunHistory run = new(facts);
    readonly List<Found> found = [];

    /// <summary>What is known so far.</summary>
    public Diagnosis Now => new()
    {
        Format = Diagnosis.CurrentFormat,
        Step = run.Step,
        Steps = run.Steps.Count,
        Evaluations = run.Evaluations.Count,
        Ended = run.Ended,
        Facts = facts,
        Findings = [.. found.Select(one => one.Finding)],
        NotJudged = [.. NotJudged()],
    };

    /// <summary>Before the first step.</summary>
    /// <returns>What is to be told.</returns>
    public IReadOnlyList<Finding> Begin() => Look();

    /// <summary>After a step or an evaluation.</summary>
    /// <returns>What is to be told: what holds for the first time, and what has become worse.</returns>
    public IReadOnlyList<Finding> Add(MetricsLine line)
    {
        run.Add(line);
        return Look();
    }

    /// <summary>After the last step.</summary>
    /// <returns>What is to be told.</returns>
    public IReadOnlyList<Finding> End()
    {
        run.Ended = true;
        return Look();
    }

    List<Finding> Look()
    {
        var told = new List<Finding>();
        var symptoms = DiagnosisRule.Symptoms(run);
        foreach (var one in found)
        {
            one.Finding = one.Finding with { Holds = false };
        }

        foreach (var symptom in symptoms)
        {
            var one = found.Find(known => known.Finding.Id == symptom.Id);
            if (one is null)
            {
                found.Add(one = new Found());
            }

            if (one.Hold(symptom, run.Step))
            {
                told.Add(one.Finding);
            }
        }

        return told;
    }

    IEnumerable<string> NotJudged()
    {
        var counted = run.Steps.Count(step => step.Step > facts.WarmupSteps);
        if (counted < DiagnosisThresholds.Window)
        {
            yield return FormattableString.Invariant(
                $"what shows in {DiagnosisThresholds.Window} steps after the warm-up, of which there are {counted}");
        }

        if (run.Evaluations.Count == 0)
        {
            yield return "what shows on held-out rows, of which there are none";
        }
    }

    sealed class Found
    {
        FindingSeverity toldSeverity;
        double toldExtent;

        public Finding Finding { get; set; } = null!;

        /// <summary>Takes what is seen now; whether it is to be told.</summary>
        public bool Hold(Symptom symptom, int step)
        {
            var isNew = Finding is null;
            Finding = new Finding
            {
                Id = symptom.Id,
                Severity = symptom.Severity,
                Since = isNew ? step : Finding!.Since,
                Step = step,
                Holds = true,
                Evidence = symptom.Evidence,
                Advice = symptom.Advice,
            };
            var isWorse = isNew || symptom.Severity > toldSeverity || symptom.Extent >= DiagnosisThresholds.Worse * toldExtent;
            if (isWorse)
            {
                (toldSeverity, toldExtent) = (symptom.Severity, symptom.Extent);
            }

            return isWorse;
        }
    }
}
