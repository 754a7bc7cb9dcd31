namespace OrtDpo.Train.Tests;

/// <summary>A folder that is deleted at the end.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ortdpo-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
