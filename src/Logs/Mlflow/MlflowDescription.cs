using OrtDpo.Training;

namespace OrtDpo.Logs.Mlflow;

/// <summary>What MLflow is told of a run beside its metrics.</summary>
static class MlflowDescription
{
    const string DigestSuffix = "_digest";

    /// <summary>The run's configuration, without the digests.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Params(LoggedRun run) => run.Config
        .Where(entry => !IsDigest(entry.Key))
        .Select(entry => KeyValuePair.Create(MlflowText.Key(entry.Key), MlflowText.Cut(entry.Value, MlflowText.MaxValueBytes)));

    /// <summary>MLflow's own tags, versions and machine, digests, and <paramref name="given"/>, which come last and win.</summary>
    public static Dictionary<string, string> Tags(LoggedRun run, string name, IReadOnlyDictionary<string, string> given)
    {
        var environment = run.Environment;
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["mlflow.runName"] = name,
            ["mlflow.source.name"] = $"ortdpo {run.Config.FirstOrDefault(entry => entry.Key == "kind").Value}".TrimEnd(),
            ["mlflow.source.type"] = "LOCAL",
            ["mlflow.user"] = Environment.UserName,
            ["ortdpo.version"] = environment.Ortdpo,
            ["ortdpo.dotnet"] = environment.Dotnet,
            ["ortdpo.onnx_runtime"] = environment.OnnxRuntime,
            ["ortdpo.operating_system"] = environment.OperatingSystem,
            ["ortdpo.processor"] = environment.Processor,
        };
        if ((environment.DeviceModel ?? environment.Device) is { } device)
        {
            tags["ortdpo.device"] = device;
        }

        foreach (var (key, value) in run.Config.Where(entry => IsDigest(entry.Key)))
        {
            tags[MlflowText.Key($"ortdpo.{key}")] = value;
        }

        foreach (var (key, value) in given)
        {
            tags[key] = value;
        }

        return tags.ToDictionary(tag => tag.Key, tag => MlflowText.Cut(tag.Value, MlflowText.MaxTagBytes), StringComparer.Ordinal);
    }

    /// <summary>What was found of a run, as a tag.</summary>
    public static KeyValuePair<string, string> Tag(Finding found) =>
        KeyValuePair.Create($"ortdpo.diagnosis.{found.Id}", MlflowText.Cut(found.Evidence, MlflowText.MaxValueBytes));

    static bool IsDigest(string entry) => entry.EndsWith(DigestSuffix, StringComparison.Ordinal);
}
