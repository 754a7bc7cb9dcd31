using Microsoft.ML.OnnxRuntimeGenAI;
using OrtDpo.Batches;
using OrtDpo.Export;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.GenAI.Tests;

/// <summary>The demo model, exported once for a class of tests and opened in ONNX Runtime GenAI.</summary>
public sealed class DemoHost : IDisposable
{
    readonly TemporaryFolder folder = new();

    public DemoHost()
    {
        OrtProcess.Start(threads: 2);
        OnnxExport.Run(
            Repository.Find("models", "demo"), Folder, [Example.Pair([271, 59], [308], [311])], threads: 2, WeightType.F32, 256);
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
