using System.Globalization;
using OrtDpo.Runs;

namespace OrtDpo.Logs.Mlflow;

/// <summary>The values that a server has not got, for the sentence that says so.</summary>
sealed class MlflowLoss
{
    int values;
    int firstStep = int.MaxValue;
    int lastStep = int.MinValue;

    public bool IsAny => values > 0;

    public void Add(MlflowMetric metric)
    {
        values++;
        firstStep = Math.Min(firstStep, metric.Step);
        lastStep = Math.Max(lastStep, metric.Step);
    }

    public void Add(IEnumerable<MlflowMetric> metrics)
    {
        foreach (var metric in metrics)
        {
            Add(metric);
        }
    }

    /// <summary>These and the others.</summary>
    public MlflowLoss With(MlflowLoss other) => !other.IsAny ? this : new()
    {
        values = values + other.values,
        firstStep = Math.Min(firstStep, other.firstStep),
        lastStep = Math.Max(lastStep, other.lastStep),
    };

    /// <summary>As in "mlflow: 12 values of steps 3 to 4 are not at http://…: it answers 500. metrics.jsonl has them all."</summary>
    public string Sentence(Uri server, string reason) => string.Create(CultureInfo.InvariantCulture, $"mlflow: {values} values of ")
        + (firstStep == lastStep
            ? string.Create(CultureInfo.InvariantCulture, $"step {firstStep}")
            : string.Create(CultureInfo.InvariantCulture, $"steps {firstStep} to {lastStep}"))
        + $" are not at {server}: {reason}. {MetricsFile.FileName} has them all.";
}
