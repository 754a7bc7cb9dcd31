using Microsoft.ML.OnnxRuntimeGenAI;

namespace OrtDpo.GenAI.Tests;

/// <summary>The demo model, exported once for a class of tests and opened in ONNX Runtime GenAI.</summary>
public sealed class DemoHost : IDisposable
{
    readonly TemporaryFolder folder = new();

    public DemoHost()
    {
        ExportedFolder.Make(Repository.Find("models", "demo"), Folder);
        Model = new Model(Folder);
    }

    public string Folder => folder.File("export");

    public Model Model { get; }

    public void Dispose()
    {
        Model.Dispose();
        folder.Dispose();
    }
}
