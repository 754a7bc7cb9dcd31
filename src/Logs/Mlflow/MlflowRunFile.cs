using OrtDpo.Runs;

namespace OrtDpo.Logs.Mlflow;

/// <summary><c>mlflow.json</c> of a run's folder: under which name a server has it, so that a resumed run goes on there.</summary>
sealed record MlflowRunFile
{
    public const string FileName = "mlflow.json";

    /// <summary>The server's address.</summary>
    public required string Server { get; init; }

    public required string ExperimentId { get; init; }

    public required string RunId { get; init; }

    /// <summary>Reads that of a run's folder; null: there is none, or none that this program has written.</summary>
    public static MlflowRunFile? Find(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(path) ? FileJson.Read<MlflowRunFile>(path) : null;
        }
        catch (InvalidDataException)
        {
            // It decides nothing but where values are shown: the run begins a new one there.
            return null;
        }
    }

    public void Write(string folder) => FileJson.Write(Path.Combine(folder, FileName), this);
}
