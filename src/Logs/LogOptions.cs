using OrtDpo.Logs.Mlflow;
using OrtDpo.Runs;

namespace OrtDpo.Logs;

/// <summary>Which logs a run has beside <c>metrics.jsonl</c>, which it always has. No number of a run depends on them.</summary>
public sealed record LogOptions
{
    /// <summary>Whether the run's folder gets event files for TensorBoard, in <c>tensorboard/</c>.</summary>
    public bool TensorBoard { get; init; } = true;

    /// <summary>The MLflow server that is to have the run too; null: none.</summary>
    public MlflowOptions? Mlflow { get; init; }

    /// <summary>Adds what is not usual to a run's configuration; a resumed run may have other logs.</summary>
    public void AddTo(RunConfig config)
    {
        config.Add("tensorboard", TensorBoard ? "on" : "off").Informative(movesBits: false).Unless("on");
        config.Add("mlflow", Mlflow?.Server.AbsoluteUri ?? "none").Informative(movesBits: false).Unless("none");
    }
}
