using OrtDpo.Runs;

namespace OrtDpo.Logs.Mlflow;

/// <summary>One value of a metric.</summary>
/// <param name="Key">Its name, as MLflow takes it.</param>
/// <param name="Value">The number, which may be none.</param>
/// <param name="Timestamp">Milliseconds since 1970.</param>
/// <param name="Step">Optimizer steps that are done.</param>
readonly record struct MlflowMetric(string Key, double Value, long Timestamp, int Step)
{
    /// <summary>The values of a line.</summary>
    public static IEnumerable<MlflowMetric> Of(MetricsLine line, int step, long timestamp) => line.Values
        .Where(value => value.Key != "step")
        .Select(value => new MlflowMetric(MlflowText.Key(value.Key), value.Value, timestamp, step));
}
